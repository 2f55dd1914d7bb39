/* A stage for claimline: how many questions a document asks. `claimline_plugin.h` says what is asked of it. */
#include "claimline_plugin.h"

#include <stdlib.h>
#include <string.h>

static const char DESCRIPTION[] =
    "{ \"abi\": \"" CLAIMLINE_ABI "\", \"name\": \"{{name}}\", \"version\": \"0.1.0\","
    "  \"summary\": \"Adds how many questions a document asks.\","
    "  \"example\": \"- plugin: { library: {{name}} }\","
    "  \"reads\": { \"documents\": [\"text\"] },"
    "  \"adds\": { \"documents\": ["
    "    { \"name\": \"questions\", \"type\": \"int\", \"description\": \"The question marks in it.\" } ] } }";

static int64_t questions(const char *text, size_t len) {
  int64_t count = 0;
  for (size_t i = 0; i < len; i++) count += text[i] == '?';
  return count;
}

/* ---- A returned table: one column of whole numbers ---- */

/* Ends an array that this file made: every buffer, child and list has its own malloc. */
static void release_array(struct ArrowArray *array) {
  for (int64_t i = 0; i < array->n_children; i++) {
    struct ArrowArray *child = array->children[i];
    if (child->release) child->release(child); /* NULL where it was moved out */
    free(child);
  }
  for (int64_t i = 0; i < array->n_buffers; i++) free((void *)array->buffers[i]);
  free(array->children);
  free(array->buffers);
  array->release = NULL;
}

/* Schemas are lent, so that nobody releases these. */
static struct ArrowSchema column_schema = {.format = "l", .name = "questions"};
static struct ArrowSchema *columns[] = {&column_schema};
static const struct ArrowSchema table_schema = {
    .format = "+s", .name = "", .n_children = 1, .children = columns};

/* Fills in the table, and gives the cells that are to be set; NULL where there is no memory. */
static int64_t *int_table(struct claimline_table *table, const char *name, int64_t rows) {
  struct ArrowArray *column = calloc(1, sizeof *column), **children = calloc(1, sizeof *children);
  const void **of_table = calloc(1, sizeof *of_table), **of_column = calloc(2, sizeof *of_column);
  int64_t *cells = calloc((size_t)rows + 1, sizeof *cells);
  if (!column || !children || !of_table || !of_column || !cells) {
    free(column), free(children), free(of_table), free(of_column), free(cells);
    return NULL;
  }
  of_column[1] = cells; /* [0] is for nulls, of which there are none */
  *column = (struct ArrowArray){
      .length = rows, .n_buffers = 2, .buffers = of_column, .release = release_array};
  children[0] = column;
  table->name = (struct claimline_text){(const uint8_t *)name, strlen(name)};
  table->schema = &table_schema;
  table->array = (struct ArrowArray){.length = rows, .n_buffers = 1, .buffers = of_table,
                                     .n_children = 1, .children = children, .release = release_array};
  return cells;
}

/* ---- The functions of the plugin ---- */

static struct claimline_owned_text owned(const char *text) {
  struct claimline_owned_text copy = {malloc(strlen(text)), strlen(text)};
  if (copy.data) memcpy(copy.data, text, copy.len);
  else copy.len = 0;
  return copy;
}

static int32_t failed(struct claimline_fault *fault, const char *message) {
  fault->message = owned(message);
  return CLAIMLINE_FAILED;
}

static int32_t describe(struct claimline_text settings, struct claimline_owned_text *description,
                        struct claimline_fault *fault) {
  (void)settings;
  *description = owned(DESCRIPTION);
  return description->data ? CLAIMLINE_OK : failed(fault, "out of memory");
}

/* It has no options and keeps nothing, so that there is no state to make. */
static int32_t open_stage(struct claimline_text settings, void **state, struct claimline_fault *fault) {
  (void)settings, (void)fault;
  *state = NULL;
  return CLAIMLINE_OK;
}

static int32_t process(void *state, struct claimline_table_list *input, struct claimline_table_list *output,
                       struct claimline_fault *fault) {
  (void)state;
  for (size_t i = 0; i < input->len; i++) {
    const struct claimline_table *table = &input->tables[i];
    if (table->name.len != 9 || memcmp(table->name.data, "documents", 9) != 0) continue;
    for (int64_t c = 0; c < table->schema->n_children; c++) {
      const struct ArrowSchema *schema = table->schema->children[c];
      if (strcmp(schema->name, "text") != 0) continue;
      if (strcmp(schema->format, "u") != 0) return failed(fault, "documents.text is not text");
      const struct ArrowArray *text = table->array.children[c];
      int64_t first = table->array.offset + text->offset, rows = table->array.length;
      const int32_t *offsets = rows > 0 ? (const int32_t *)text->buffers[1] + first : NULL;
      const char *bytes = text->buffers[2];
      int64_t *cells = int_table(&output->tables[output->len], "documents", rows);
      if (!cells) return failed(fault, "out of memory");
      for (int64_t row = 0; row < rows; row++) {
        size_t len = (size_t)(offsets[row + 1] - offsets[row]);
        cells[row] = len > 0 ? questions(bytes + offsets[row], len) : 0;
      }
      output->len++;
    }
  }
  return CLAIMLINE_OK;
}

static int32_t finish(void *state, struct claimline_owned_text *files, struct claimline_fault *fault) {
  (void)state, (void)files, (void)fault;
  return CLAIMLINE_OK;
}

static void close_stage(void *state) { (void)state; }

static void free_text(uint8_t *data, size_t len) {
  (void)len;
  free(data);
}

CLAIMLINE_EXPORT const struct claimline_plugin *claimline_plugin_v1(void) {
  static const struct claimline_plugin plugin = {
      sizeof plugin, CLAIMLINE_ABI_MAJOR, CLAIMLINE_ABI_MINOR, describe, open_stage, process, finish,
      close_stage,   free_text,
  };
  return &plugin;
}
