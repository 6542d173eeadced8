#ifndef MKT_CTOML_H
#define MKT_CTOML_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What the walk over a document meets next.
enum mkt_toml_event {
    MKT_TOML_TABLE_BEGIN,
    MKT_TOML_TABLE_END,
    MKT_TOML_ARRAY_BEGIN,
    MKT_TOML_ARRAY_END,
    MKT_TOML_STRING,
    MKT_TOML_INTEGER,
    /// `text` is the number as it stands in the document: never a binary floating point value.
    MKT_TOML_DECIMAL,
    MKT_TOML_BOOLEAN,
    /// A date or time, as it stands in the document.
    MKT_TOML_TIME,
    /// The document is not TOML; `text` says why, `line` where.
    MKT_TOML_ERROR
};

/// `key` is empty for elements of arrays and for the document itself. Lines count from 1.
typedef void (*mkt_toml_visit)(
    void *context, enum mkt_toml_event event, const char *key, size_t key_count, const char *text, size_t text_count,
    unsigned line);

/// Parses `document` and tells every value of it in the order of the document's tables.
void mkt_toml_walk(const char *document, size_t count, void *context, mkt_toml_visit visit);

#ifdef __cplusplus
}
#endif

#endif
