#include "CTOML.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Debian builds the library with its defaults; the header must be read the same way.
#define TOML_HEADER_ONLY 0
#define TOML_SHARED_LIB 1
#include <toml++/toml.h>

namespace {

struct Walk {
    std::string_view document;
    std::vector<size_t> line_starts;
    void *context;
    mkt_toml_visit visit;

    void tell(mkt_toml_event event, std::string_view key, std::string_view text, unsigned line) const {
        visit(context, event, key.data(), key.size(), text.data(), text.size(), line);
    }

    // Columns count characters from 1, bytes are what we have.
    size_t offset(toml::source_position position) const {
        if (position.line == 0 || position.line > line_starts.size()) return document.size();
        size_t at = line_starts[position.line - 1];
        for (unsigned column = 1; column < position.column && at < document.size(); ++column) {
            ++at;
            while (at < document.size() && (static_cast<unsigned char>(document[at]) & 0xC0) == 0x80) ++at;
        }
        return at;
    }

    std::string_view source_text(const toml::source_region &region) const {
        size_t begin = offset(region.begin), end = offset(region.end);
        if (begin >= end) return {};
        std::string_view text = document.substr(begin, end - begin);
        while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r' || text.back() == '\n')) {
            text.remove_suffix(1);
        }
        return text;
    }

    void value(std::string_view key, const toml::node &node) const {
        unsigned line = node.source().begin.line;
        if (const auto *table = node.as_table()) {
            tell(MKT_TOML_TABLE_BEGIN, key, {}, line);
            members(*table);
            tell(MKT_TOML_TABLE_END, key, {}, line);
        } else if (const auto *array = node.as_array()) {
            tell(MKT_TOML_ARRAY_BEGIN, key, {}, line);
            for (const auto &element : *array) value({}, element);
            tell(MKT_TOML_ARRAY_END, key, {}, line);
        } else if (const auto *string = node.as_string()) {
            tell(MKT_TOML_STRING, key, string->get(), line);
        } else if (const auto *integer = node.as_integer()) {
            tell(MKT_TOML_INTEGER, key, std::to_string(integer->get()), line);
        } else if (const auto *boolean = node.as_boolean()) {
            tell(MKT_TOML_BOOLEAN, key, boolean->get() ? "true" : "false", line);
        } else if (node.is_floating_point()) {
            tell(MKT_TOML_DECIMAL, key, source_text(node.source()), line);
        } else {
            tell(MKT_TOML_TIME, key, source_text(node.source()), line);
        }
    }

    // The library keeps tables sorted by name; people read rules in the order they wrote them.
    void members(const toml::table &table) const {
        std::vector<std::pair<std::string_view, const toml::node *>> nodes;
        for (auto &&[key, node] : table) nodes.emplace_back(key.str(), &node);
        std::stable_sort(nodes.begin(), nodes.end(), [](const auto &left, const auto &right) {
            const auto &a = left.second->source().begin, &b = right.second->source().begin;
            return a.line != b.line ? a.line < b.line : a.column < b.column;
        });
        for (const auto &[key, node] : nodes) value(key, *node);
    }
};

}  // namespace

extern "C" void mkt_toml_walk(const char *document, size_t count, void *context, mkt_toml_visit visit) {
    Walk walk{std::string_view(document, count), {0}, context, visit};
    for (size_t at = 0; at < count; ++at) {
        if (document[at] == '\n') walk.line_starts.push_back(at + 1);
    }
    try {
        const toml::table table = toml::parse(walk.document);
        walk.value({}, table);
    } catch (const toml::parse_error &error) {
        walk.tell(MKT_TOML_ERROR, {}, error.description(), error.source().begin.line);
    } catch (const std::exception &error) {
        walk.tell(MKT_TOML_ERROR, {}, error.what(), 0);
    }
}
