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
        std::sort(nodes.begin(), nodes.end(), [](const auto &left, const auto &right) {
            const auto &a = left.second->source().begin, &b = right.second->source().begin;
            return a.line != b.line ? a.line < b.line : a.column < b.column;
        });
        for (const auto &[key, node] : nodes) value(key, *node);
    }
};

// The library limits nested values, but not the parts of a dotted key, each of which nests as well: `a.a.a…` would exhaust the stack.
constexpr unsigned key_parts_max = 16;

bool is_bare(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
}

// Behind the string or comment that starts at `at`; the parser judges whether it is a right one.
size_t skip_text(std::string_view document, size_t at) {
    const char mark = document[at];
    if (mark == '#') return std::min(document.find('\n', at), document.size());
    const std::string_view close = document.substr(at, 3) == std::string(3, mark) ? document.substr(at, 3) : document.substr(at, 1);
    for (at += close.size(); at < document.size(); ++at) {
        if (mark == '"' && document[at] == '\\') {
            ++at;
        } else if (document.substr(at, close.size()) == close) {
            return at + close.size();
        } else if (close.size() == 1 && document[at] == '\n') {
            return at;
        }
    }
    return document.size();
}

// The line of the first key with too many parts; 0 if there is none.
unsigned line_of_long_key(std::string_view document) {
    unsigned line = 1, parts = 0;
    for (size_t at = 0; at < document.size();) {
        const char byte = document[at];
        const size_t start = at++;
        if (byte == '#' || byte == '"' || byte == '\'') {
            at = skip_text(document, start);
            line += std::count(document.begin() + start, document.begin() + at, '\n');
        } else if (byte == '.') {
            if (++parts >= key_parts_max) return line;
        } else if (!is_bare(byte) && byte != ' ' && byte != '\t') {
            parts = 0;
            if (byte == '\n') ++line;
        }
    }
    return 0;
}

}  // namespace

extern "C" void mkt_toml_walk(const char *document, size_t count, void *context, mkt_toml_visit visit) {
    Walk walk{std::string_view(document, count), {0}, context, visit};
    // The library's columns do not count a byte order mark.
    if (walk.document.substr(0, 3) == "\xEF\xBB\xBF") walk.document.remove_prefix(3);
    if (unsigned line = line_of_long_key(walk.document)) {
        return walk.tell(MKT_TOML_ERROR, {}, "a key of more than 16 parts", line);
    }
    for (size_t at = 0; at < walk.document.size(); ++at) {
        if (walk.document[at] == '\n') walk.line_starts.push_back(at + 1);
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
