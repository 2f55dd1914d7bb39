/*
 * A stage in C: e-mail addresses and telephone numbers become as many `x` as they had characters.
 *
 *     $ cc -O2 -shared -fPIC -I docs -o target/release/examples/libredact.so crates/stage/examples/redact.c
 *     $ claimline stages target/release/examples/redact      # what it is, and its options
 *     $ claimline run crates/stage/examples/pipeline.yaml    # the samples, through all examples
 *
 * Since a text keeps its length in code points, all offsets in it stay right. The stage changes
 * documents.text all the same, and so must stand before `extract`; best before `clean`.
 *
 * An e-mail address is what RFC 5321 calls a mailbox without quotes, with letters of any script. A telephone
 * number is written internationally (`+` and 8 to 15 digits, ITU-T E.164), nationally with its leading zero
 * (9 to 15 digits, one separator throughout, so that a date with a time is none), or as 3, 3 and 4 digits.
 */
#include "claimline_plugin.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- What is redacted ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* Decodes the code point at `s`, which is valid UTF-8; the bytes it takes are returned. */
static size_t code_point(const char *s, uint32_t *c) {
  const unsigned char *u = (const unsigned char *)s;
  if (u[0] < 0x80) return *c = u[0], 1;
  if (u[0] < 0xE0) return *c = (u[0] & 0x1Fu) << 6 | (u[1] & 0x3Fu), 2;
  if (u[0] < 0xF0) return *c = (u[0] & 0x0Fu) << 12 | (u[1] & 0x3Fu) << 6 | (u[2] & 0x3Fu), 3;
  return *c = (u[0] & 0x07u) << 18 | (u[1] & 0x3Fu) << 12 | (u[2] & 0x3Fu) << 6 | (u[3] & 0x3Fu), 4;
}

/* Letters beyond ASCII, told by the blocks of Unicode that hold none: Latin-1's signs, general punctuation to
 * miscellaneous symbols, CJK punctuation. */
static bool is_foreign_letter(uint32_t c) {
  return c >= 0xC0 && c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c < 0x2C00) && !(c >= 0x3000 && c < 0x3040);
}

static bool in_address(uint32_t c, const char *signs) {
  if (c >= 0x80) return is_foreign_letter(c);
  return c != 0 && (is_letter((char)c) || is_digit((char)c) || strchr(signs, (char)c));
}

/* The address around the `@` at `at`, in s[from..len]. */
static bool email(const char *s, size_t from, size_t len, size_t at, size_t *start, size_t *end) {
  uint32_t c;
  size_t i = at;
  while (i > from) {
    size_t before = i - 1;
    while (before > from && ((unsigned char)s[before] & 0xC0) == 0x80) before--;
    code_point(s + before, &c);
    if (!in_address(c, "!#$%&'*+-/=?^_`{|}~.")) break;
    i = before;
  }
  while (i < at && strchr(".'*", s[i])) i++;
  *start = i;
  size_t dots = 0, label = 0;
  *end = at + 1;
  for (i = at + 1; i < len;) {
    size_t bytes = code_point(s + i, &c);
    if (c == '.') {
      if (label == 0) break;
      label = 0;
    } else if (in_address(c, "-")) {
      if (label++ == 0 && i > at + 1) dots++;
      *end = i + bytes;
    } else {
      break;
    }
    i += bytes;
  }
  return *start < at && dots > 0;
}

/* The bytes of the telephone number at s[at..len]; 0 if there is none. */
static size_t phone(const char *s, size_t len, size_t at) {
  if (at > 0 && (is_digit(s[at - 1]) || is_letter(s[at - 1]) || strchr("+-./,", s[at - 1]))) return 0;
  bool international = s[at] == '+';
  size_t groups[16] = {0};
  size_t digits = 0, group = 0, end = at, i = at + international;
  char separator = 0, leading = 0;
  bool open = false;
  while (i < len && digits <= 15) {
    if (is_digit(s[i])) {
      if (digits == 0) leading = s[i];
      digits++;
      groups[group]++;
      end = ++i;
    } else if (s[i] == '(' && !open && (digits == 0 || international)) {
      open = true;
      i++;
    } else if (s[i] == ')' && open) {
      open = false;
      end = ++i;
      if (i < len && s[i] == ' ') i++;
      if (groups[group] > 0 && ++group == 16) return 0;
    } else if (digits > 0 && s[i] != 0 && strchr(" -./", s[i]) && i + 1 < len &&
               (is_digit(s[i + 1]) || (international && s[i + 1] == '('))) {
      if (!international && separator != 0 && separator != s[i]) break;
      separator = s[i++];
      if (groups[group] > 0 && ++group == 16) return 0;
    } else {
      break;
    }
  }
  if (open || (end < len && (is_digit(s[end]) || is_letter(s[end])))) return 0;
  bool found = international ? digits >= 8 && leading != '0'
                             : (leading == '0' && groups[0] >= 2 && digits >= 9) ||
                                   (groups[0] == 3 && groups[1] == 3 && groups[2] == 4 && digits == 10);
  return found && digits <= 15 ? end - at : 0;
}

/* What the options leave to be redacted. */
struct redaction {
  bool emails, phones;
};

/* Copies s[0..len] to `out`, redacted, and returns how many bytes that makes: never more than `len`. */
static size_t redact(const struct redaction *what, const char *s, size_t len, char *out, bool *changed) {
  size_t done = 0, to = 0;
  for (size_t i = 0; i < len;) {
    size_t start = 0, end = 0, bytes;
    bool found = false;
    if (what->emails && s[i] == '@') {
      found = email(s, done, len, i, &start, &end);
    } else if (what->phones && (is_digit(s[i]) || s[i] == '+' || s[i] == '(') && (bytes = phone(s, len, i))) {
      found = true, start = i, end = i + bytes;
    }
    if (!found) {
      i++;
      continue;
    }
    memcpy(out + to, s + done, start - done);
    to += start - done;
    for (size_t j = start; j < end; j++) {
      if (((unsigned char)s[j] & 0xC0) != 0x80) out[to++] = 'x';
    }
    i = done = end;
    *changed = true;
  }
  memcpy(out + to, s + done, len - done);
  return to + len - done;
}

/* ---- Settings: as much JSON as they need ---- */

/* The end of the value at `s`, which is valid JSON. */
static const char *value_end(const char *s, const char *end) {
  int depth = 0;
  bool quoted = false;
  for (; s < end; s++) {
    if (quoted) {
      if (*s == '\\') s++;
      else if (*s == '"') quoted = false;
    } else if (*s == '"') {
      quoted = true;
    } else if (*s == '{' || *s == '[') {
      depth++;
    } else if (*s == '}' || *s == ']') {
      if (depth-- == 0) return s;
    } else if (*s == ',' && depth == 0) {
      return s;
    }
  }
  return end;
}

static bool is_string(const char *s, const char *end, const char *text) {
  size_t len = strlen(text);
  return (size_t)(end - s) == len + 2 && s[0] == '"' && memcmp(s + 1, text, len) == 0;
}

/* The value of `key` in the compact JSON object at `s`; NULL if it has none. */
static const char *member(const char *s, const char *end, const char *key) {
  while (s < end && (*s == '{' || *s == ',')) {
    const char *name = ++s;
    for (; s < end && *s != ':'; s++) {
      if (*s == '"') {
        for (s++; s < end && *s != '"'; s++) s += *s == '\\';
      }
    }
    if (s >= end) return NULL;
    if (is_string(name, s, key)) return s + 1;
    s = value_end(s + 1, end);
  }
  return NULL;
}

/* Reads the options, whose form has passed the schema. */
static struct redaction read_settings(struct claimline_text settings) {
  struct redaction what = {true, true};
  const char *s = (const char *)settings.data, *end = s + settings.len;
  const char *options = settings.len ? member(s, end, "options") : NULL;
  const char *kept = options ? member(options, end, "keep") : NULL;
  while (kept && kept < end && (*kept == '[' || *kept == ',')) {
    const char *word = kept + 1;
    kept = value_end(word, end);
    if (is_string(word, kept, "email")) what.emails = false;
    if (is_string(word, kept, "phone")) what.phones = false;
  }
  return what;
}

/* ---- Tables ---- */

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

/* What is returned: a struct of one column of text. Schemas are lent, so that nobody releases these. */
static struct ArrowSchema text_schema = {.format = "u", .name = "text", .flags = ARROW_FLAG_NULLABLE};
static struct ArrowSchema *columns[] = {&text_schema};
static const struct ArrowSchema table_schema = {
    .format = "+s", .name = "", .n_children = 1, .children = columns};

/* A table of that column with `rows` rows, whose buffers are still to be set: buffers[0] for nulls, [1] for
 * offsets, [2] for bytes. False where there is no memory. */
static bool text_table(struct claimline_table *table, const char *name, int64_t rows) {
  struct ArrowArray *column = calloc(1, sizeof *column), **children = calloc(1, sizeof *children);
  const void **nulls = calloc(1, sizeof *nulls), **buffers = calloc(3, sizeof *buffers);
  if (!column || !children || !nulls || !buffers) {
    free(column), free(children), free(nulls), free(buffers);
    return false;
  }
  *column = (struct ArrowArray){
      .length = rows, .null_count = -1, .n_buffers = 3, .buffers = buffers, .release = release_array};
  children[0] = column;
  table->name = (struct claimline_text){(const uint8_t *)name, strlen(name)};
  table->schema = &table_schema;
  table->array = (struct ArrowArray){.length = rows,
                                     .n_buffers = 1,
                                     .buffers = nulls,
                                     .n_children = 1,
                                     .children = children,
                                     .release = release_array};
  return true;
}

/* The place of the column `text`; -1 if there is none. */
static int64_t text_column(const struct claimline_table *table) {
  for (int64_t i = 0; i < table->schema->n_children; i++) {
    if (strcmp(table->schema->children[i]->name, "text") == 0) return i;
  }
  return -1;
}

static bool is_null(const uint8_t *validity, int64_t row) {
  return validity && !(validity[row / 8] >> (row % 8) & 1);
}

/* Adds the redacted `text` column of `table` to `output`, unless there was nothing to redact. What went wrong
 * is returned, or NULL. */
static const char *redact_table(const struct redaction *what, const struct claimline_table *table, const char *name,
                         struct claimline_table_list *output) {
  int64_t at = text_column(table), rows = table->array.length;
  if (at < 0) return NULL;
  if (strcmp(table->schema->children[at]->format, "u") != 0) return "the column `text` is not text";
  if (rows == 0) return NULL;
  const struct ArrowArray *text = table->array.children[at];
  int64_t first = table->array.offset + text->offset;
  const uint8_t *validity = text->buffers[0];
  const int32_t *from = (const int32_t *)text->buffers[1] + first;
  const char *bytes = text->buffers[2];

  struct claimline_table made;
  if (!text_table(&made, name, rows)) return "out of memory";
  struct ArrowArray *column = made.array.children[0];
  /* What is redacted is never longer. One byte more, since malloc(0) may be NULL. */
  char *redacted = malloc((size_t)(from[rows] - from[0]) + 1);
  int32_t *to = malloc(((size_t)rows + 1) * sizeof *to);
  uint8_t *valid = validity ? calloc(((size_t)rows + 7) / 8, 1) : NULL;
  column->buffers[0] = valid;
  column->buffers[1] = to;
  column->buffers[2] = redacted;
  bool room = redacted && to && (valid || !validity);
  bool changed = false;
  if (room) {
    to[0] = 0;
    for (int64_t row = 0; row < rows; row++) {
      size_t len = 0;
      if (!is_null(validity, first + row)) {
        if (valid) valid[row / 8] |= (uint8_t)(1 << (row % 8));
        size_t before = (size_t)(from[row + 1] - from[row]);
        if (before > 0) len = redact(what, bytes + from[row], before, redacted + to[row], &changed);
      }
      to[row + 1] = to[row] + (int32_t)len;
    }
  }
  if (room && changed) {
    output->tables[output->len++] = made; /* by move */
  } else {
    made.array.release(&made.array);
  }
  return room ? NULL : "out of memory";
}

/* ---- The plugin ---- */

static const char DESCRIPTION[] =
    "{ \"abi\": \"" CLAIMLINE_ABI "\", \"name\": \"redact\", \"version\": \"1.0.0\","
    "  \"summary\": \"Turns e-mail addresses and telephone numbers into as many `x` as they had characters.\","
    "  \"options\": { \"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
    "    \"keep\": { \"description\": \"What is left as it is.\", \"type\": \"array\", \"default\": [],"
    "      \"items\": { \"type\": \"string\", \"enum\": [\"email\", \"phone\"] } } } },"
    "  \"example\": \"- plugin: { library: ../target/release/examples/redact, options: { keep: [phone] } }\","
    "  \"reads\": { \"documents\": [\"text\"], \"blocks\": [\"text\"] },"
    "  \"changes_text\": true }";

static struct claimline_owned_text owned(const char *text) {
  struct claimline_owned_text copy = {NULL, strlen(text)};
  copy.data = malloc(copy.len);
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
  (void)settings; /* what it does is the same with any options */
  *description = owned(DESCRIPTION);
  return description->data ? CLAIMLINE_OK : failed(fault, "out of memory");
}

static int32_t open_stage(struct claimline_text settings, void **state, struct claimline_fault *fault) {
  struct redaction *what = malloc(sizeof *what);
  if (!what) return failed(fault, "out of memory");
  *what = read_settings(settings);
  *state = what;
  return CLAIMLINE_OK;
}

static int32_t process(void *state, struct claimline_table_list *input, struct claimline_table_list *output,
                       struct claimline_fault *fault) {
  static const char *const names[] = {"documents", "blocks"};
  for (size_t i = 0; i < input->len; i++) {
    const struct claimline_table *table = &input->tables[i];
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
      bool named = table->name.len == strlen(names[n]) && !memcmp(table->name.data, names[n], table->name.len);
      const char *wrong = named ? redact_table(state, table, names[n], output) : NULL;
      if (wrong) return failed(fault, wrong);
    }
  }
  return CLAIMLINE_OK;
}

static int32_t finish(void *state, struct claimline_owned_text *files, struct claimline_fault *fault) {
  (void)state, (void)files, (void)fault;
  return CLAIMLINE_OK;
}

static void close_stage(void *state) { free(state); }

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
