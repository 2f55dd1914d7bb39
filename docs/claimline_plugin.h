/*
 * The border between claimline and a plugin in its process, for C.
 *
 * A plugin is a shared library that exports one function:
 *
 *     CLAIMLINE_EXPORT const struct claimline_plugin *claimline_plugin_v1(void);
 *
 * It returns a table of six functions that lives as long as the process. Built with
 *
 *     cc -O2 -shared -fPIC -I docs -o libmine.so mine.c
 *
 * it is tried by `claimline stages --conformance ./libmine.so`, and stands in a pipeline as
 * `- plugin: { library: mine, options: { ... } }`. `crates/stage/examples/redact.c` is a whole stage.
 *
 * What holds everywhere:
 *
 * - Text is UTF-8, by pointer and length, and does not end in a zero byte.
 * - What claimline hands over as a `claimline_text` lives as long as the call. What a plugin fills in as a
 *   `claimline_owned_text` is given back to the plugin's `free`.
 * - Rows go over by move. Who takes them copies the Arrow array and sets `release` of the original to NULL.
 *   What still has a `release` after the call is released by claimline, whoever made it.
 * - Schemas are lent, and not to be released by who gets them. claimline's live as long as the state, a
 *   plugin's must live until the next call for the state; static ones do, with a `release` of NULL. A plugin
 *   may hand back a schema that it was lent.
 * - One state is used by one thread at a time, not always the same. States beside one another are used at
 *   the same time, so what they share must be read-only or locked.
 * - No call may throw, longjmp or end the process. A crash ends the run, unless the pipeline says
 *   `isolation: process`.
 * - The library is never unloaded.
 *
 * A status is one of CLAIMLINE_OK, CLAIMLINE_FAILED, CLAIMLINE_PANICKED. With the last two the plugin fills
 * in the fault, and nothing else that it filled in is looked at (tables among it are released).
 *
 * Versions: the border has a version of its own, apart from claimline's. Structs only ever grow at their
 * end, and the minor number grows with them. A plugin that was made for an earlier minor version loads; one
 * for another major version is refused before the run. While the major number is 0, the tables' columns may
 * still change.
 */
#ifndef CLAIMLINE_PLUGIN_H
#define CLAIMLINE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CLAIMLINE_ABI_MAJOR 0
#define CLAIMLINE_ABI_MINOR 1
/* Both, as a description says it. */
#define CLAIMLINE_ABI "0.1"

#if defined(_WIN32)
#define CLAIMLINE_EXPORT __declspec(dllexport)
#else
#define CLAIMLINE_EXPORT __attribute__((visibility("default")))
#endif

/* The Arrow C Data Interface, word for word: https://arrow.apache.org/docs/format/CDataInterface.html */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */

/* It did what it should. */
#define CLAIMLINE_OK 0
/* It failed, and the fault says why. The documents of the batch are tried in smaller batches; one that fails
 * alone becomes a row of `problems`. */
#define CLAIMLINE_FAILED 1
/* As before, and the state may be broken: it is closed, and another one opened. */
#define CLAIMLINE_PANICKED 2

/* UTF-8 that the caller keeps. */
struct claimline_text {
  const uint8_t *data; /* may be NULL where len is 0 */
  size_t len;          /* bytes */
};

/* UTF-8 that the plugin made; claimline gives it back to the plugin's `free`. */
struct claimline_owned_text {
  uint8_t *data; /* NULL for none */
  size_t len;    /* bytes */
};

/* Why a call failed. */
struct claimline_fault {
  /* What is wrong, and what would have worked. */
  struct claimline_owned_text message;
  /* The option it is about, as a JSON pointer into the options ("/keep/0"); none where it is about none. */
  struct claimline_owned_text at;
};

/*
 * One table of a batch.
 *
 * The array is a struct (format "+s") whose children are the columns; no row of it is null. From claimline,
 * text is "u" (int32 offsets), whole numbers "l" (int64), numbers "g" (float64), true or false "b", days
 * "tdD" (date32), instants "tsu:UTC". An offset may be set on the struct and on its children: row i of
 * column c stands at `array.offset + c->offset + i` of its buffers. A buffer for nulls is NULL where there
 * are none.
 *
 * A returned table may have other string types ("U", "vu", dictionaries), narrower numbers and other units
 * of time: they are cast. It stands for the whole table of the batch:
 *
 * - Its rows are told by their key (documents: doc_id, blocks: doc_id and ordinal, mentions: mention_id,
 *   claims: claim_id), in any order. A row that is missing is gone, one with a new key is new. Without its
 *   key columns, it has the rows that were sent, in their order.
 * - A column that is not returned is unchanged, and so is a table.
 * - A null empties a cell of a column that the plugin was sent and that may be empty.
 * - A row of `problems` (doc_id, severity "error" or "warning", code, message) tells of a document; an error
 *   takes it out of the batch.
 *
 * docs/tables.md has every column. Offsets count Unicode code points of documents.text.
 */
struct claimline_table {
  /* "documents", "blocks", "mentions", "claims" or "problems"; other names are passed over. In a returned
   * table the name must outlive the call: a string literal does. */
  struct claimline_text name;
  const struct ArrowSchema *schema; /* the columns, lent */
  struct ArrowArray array;          /* the rows, moved */
};

/* Tables, in a list that claimline keeps. */
struct claimline_table_list {
  struct claimline_table *tables;
  size_t len;      /* how many there are; in an output: how many the plugin has filled in */
  size_t capacity; /* how many there is room for: at least one of each name */
};

/* What a plugin exports. All functions must be there. */
struct claimline_plugin {
  /* sizeof(struct claimline_plugin) */
  size_t size;
  /* CLAIMLINE_ABI_MAJOR */
  uint32_t abi_major;
  /* CLAIMLINE_ABI_MINOR */
  uint32_t abi_minor;

  /*
   * Gets settings and fills in a description, both JSON. It is asked once without options (what are you?)
   * and then with those of the pipeline (what would you do with these?), before any document is read; a
   * failure then refuses the pipeline, at the option that `at` names. The settings, of which all keys but
   * `options` are always there:
   *
   *   { "options": {...},    what the pipeline says, which has passed the schema below
   *     "base": "/folder",   of the pipeline file: where relative paths in options start
   *     "added": {...},      the columns that earlier stages add, written as `adds` below
   *     "folder": "/...",    only for a sink: where its files are put together
   *     "threads": 4 }       how many threads the run may use
   *
   * They are compact JSON, in which the letters, digits and underscores of ASCII are never escaped. The
   * description, of which `abi` and `name` must be there:
   *
   *   { "abi": "0.1",        CLAIMLINE_ABI
   *     "name": "redact",    in messages and in `problems`
   *     "version": "1.0.0",  of the plugin
   *     "summary": "...",    one line: what it does
   *     "role": "stage",     or "source", "sink"
   *     "order": "parallel", or "ordered": one state that sees all batches, in the order of the input
   *     "options": {...},    the JSON Schema of its options; missing: there are none
   *     "example": "...",    an item of a pipeline, in YAML
   *     "reads": { "documents": ["text"], "claims": "full" },
   *                          the tables and columns to send; keys come by themselves; missing: everything
   *     "adds": { "claims": [{ "name": "tone", "type": "float", "description": "..." }] },
   *                          the columns it adds to documents, mentions or claims; types: text, int, bool,
   *                          float, date, timestamp
   *     "changes_text": true,whether it changes documents.text, and so must stand before `extract`
   *     "paths": ["x.csv"] } of a sink: its files
   */
  int32_t (*describe)(struct claimline_text settings, struct claimline_owned_text *description,
                      struct claimline_fault *fault);

  /* Gets settings with options, and sets *state: once a worker, or once where the order is "ordered". */
  int32_t (*open)(struct claimline_text settings, void **state, struct claimline_fault *fault);

  /*
   * Gets the tables that the plugin reads, and fills in those that it changes: output->tables[0] and
   * onwards, and output->len. It may take tables of the input by move. The input is never changed in
   * place: others may hold the same buffers.
   *
   * A source gets no tables and yields documents, blocks and problems; it has ended when it yields no row of
   * documents and problems.
   * A sink fills in nothing.
   */
  int32_t (*process)(void *state, struct claimline_table_list *input, struct claimline_table_list *output,
                     struct claimline_fault *fault);

  /* Is called once all has passed. A sink fills in its files as JSON, with what `datapackage.json` is to
   * say of each: [{ "table": "claims", "path": "x.csv", "staged": "/folder/x.csv", "rows": 12,
   * "descriptor": { "format": "csv", ... } }]. Others leave the text as it is. */
  int32_t (*finish)(void *state, struct claimline_owned_text *files, struct claimline_fault *fault);

  /* Ends a state. */
  void (*close)(void *state);

  /* Takes back the bytes of a claimline_owned_text. */
  void (*free)(uint8_t *data, size_t len);
};

#ifdef __cplusplus
}
#endif

#endif /* CLAIMLINE_PLUGIN_H */
