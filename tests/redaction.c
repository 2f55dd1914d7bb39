/* The example in C, asked as claimline asks it: what is redacted, options, slices, nulls, memory.
 * `tests/plugin_examples.rs` builds it with the sanitizers and runs it. */
#include "redact.c"

#include <stdio.h>

static int failures = 0;

static void check(bool holds, const char *what) {
  if (!holds) {
    fprintf(stderr, "FAILED: %s\n", what);
    failures++;
  }
}

static struct claimline_text text_of(const char *text) {
  return (struct claimline_text){(const uint8_t *)text, strlen(text)};
}

static const char *const CASES[][2] = {
    {"Write to press@example.com.", "Write to xxxxxxxxxxxxxxxxx."},
    {"Zoë.Müller@büro.example, or", "xxxxxxxxxxxxxxxxxxxxxxx, or"},
    {"“info@a-b.example.org”—call", "“xxxxxxxxxxxxxxxxxxxx”—call"},
    {"a@b.co@c.de", "xxxxxx@c.de"},
    {"Call +44 (0)20 7946 0958 now", "Call xxxxxxxxxxxxxxxxxxx now"},
    {"(020) 7946 0958", "xxxxxxxxxxxxxxx"},
    {"030/1234567; 0171-2345678", "xxxxxxxxxxx; xxxxxxxxxxxx"},
    {"212-555-0143.", "xxxxxxxxxxxx."},
    {"+7 701 123-45-67", "xxxxxxxxxxxxxxxx"},
    {"@home, 5 @ $3, user@host", NULL},
    {"$1,234,567,890 on 2025-06-23", NULL},
    {"01.02.2025 10:30 and 06/23/2025", NULL},
    {"100 200 300 tonnes; 0.123456789", NULL},
    {"(2024) and A0123456789Z, 12345678901234567890", NULL},
    {"", NULL},
};

static void redacts_what_it_should(void) {
  struct redaction all = {true, true};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    const char *text = CASES[i][0], *expected = CASES[i][1] ? CASES[i][1] : text;
    size_t len = strlen(text);
    /* Exactly as long as may be written, so that a sanitizer sees the first byte too many. */
    char *in = malloc(len ? len : 1), *out = malloc(len ? len : 1);
    memcpy(in, text, len);
    bool changed = false;
    size_t made = redact(&all, in, len, out, &changed);
    bool as_expected = made == strlen(expected) && memcmp(out, expected, made) == 0;
    if (!as_expected) fprintf(stderr, "%s\n became %.*s\n not    %s\n", text, (int)made, out, expected);
    check(as_expected && changed == (CASES[i][1] != NULL), "a text is redacted as it should be");
    free(in), free(out);
  }
}

static void keep_array(struct ArrowArray *array) { array->release = NULL; }

/* Four rows, of which the table shows the last three by an offset of the struct and, where `inner`, the last
 * two by one of the column besides: left out, null, an address, a number. */
static void reads_slices_and_nulls(const struct claimline_plugin *plugin, int64_t inner) {
  static const char bytes[] = "out@of.sightme@x.org0171-2345678";
  static const int32_t offsets[] = {0, 12, 12, 20, 32};
  static const uint8_t validity[] = {0x0D};
  const void *column_buffers[] = {validity, offsets, bytes}, *table_buffers[] = {NULL};
  struct ArrowSchema text = {.format = "u", .name = "text", .flags = 2}, *texts[] = {&text};
  struct ArrowSchema schema = {.format = "+s", .name = "", .n_children = 1, .children = texts};
  struct ArrowArray cells = {.length = 4 - inner,
                             .null_count = -1,
                             .offset = inner,
                             .n_buffers = 3,
                             .buffers = column_buffers,
                             .release = keep_array};
  struct ArrowArray *children[] = {&cells};
  struct claimline_table in = {
      text_of("blocks"),
      &schema,
      {.length = 3 - inner, .offset = 1, .n_buffers = 1, .buffers = table_buffers, .n_children = 1,
       .children = children, .release = keep_array}};
  struct claimline_table out[10];
  memset(out, 0, sizeof out);
  struct claimline_table_list input = {&in, 1, 1}, output = {out, 0, 10};
  struct claimline_fault fault = {{NULL, 0}, {NULL, 0}};
  void *state = NULL;
  check(plugin->open(text_of("{\"options\":{\"keep\":[\"phone\"]},\"base\":\"/}\\\",\",\"threads\":2}"), &state,
                     &fault) == CLAIMLINE_OK, "it opens");
  check(plugin->process(state, &input, &output, &fault) == CLAIMLINE_OK, "it takes a slice");
  check(output.len == 1 && out[0].array.length == 3 - inner, "as many rows come back");
  if (output.len == 1) {
    /* Moved out, as a host may. */
    struct ArrowArray moved = *out[0].array.children[0];
    out[0].array.children[0]->release = NULL;
    out[0].array.release(&out[0].array);
    const uint8_t *valid = moved.buffers[0];
    const int32_t *to = moved.buffers[1];
    int64_t address = 1 - inner;
    check(valid[0] == (inner ? 0x03 : 0x06), "a null stays null");
    check(to[0] == 0 && to[address] == 0 && to[address + 1] == 8 && to[address + 2] == 20, "offsets are right");
    check(!memcmp(moved.buffers[2], "xxxxxxxx0171-2345678", 20), "an option is heeded");
    moved.release(&moved);
    check(moved.release == NULL, "a release marks itself");
  }
  text.format = "l";
  output.len = 0;
  check(plugin->process(state, &input, &output, &fault) == CLAIMLINE_FAILED, "a column of numbers is refused");
  plugin->free(fault.message.data, fault.message.len);
  text.format = "u";
  /* Without rows there is nothing to return. */
  in.array.length = cells.length = 0;
  output.len = 0;
  check(plugin->process(state, &input, &output, &fault) == CLAIMLINE_OK && output.len == 0, "no rows");
  plugin->close(state);
}

int main(void) {
  const struct claimline_plugin *plugin = claimline_plugin_v1();
  struct claimline_owned_text description = {NULL, 0};
  struct claimline_fault fault = {{NULL, 0}, {NULL, 0}};
  check(plugin->describe(text_of("{\"base\":\"\",\"added\":{},\"threads\":1}"), &description, &fault) == CLAIMLINE_OK,
        "it describes itself");
  plugin->free(description.data, description.len);
  redacts_what_it_should();
  reads_slices_and_nulls(plugin, 0);
  reads_slices_and_nulls(plugin, 1);
  return failures != 0;
}
