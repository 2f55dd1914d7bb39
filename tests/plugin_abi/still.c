/* A stage that does nothing, against the header of its day; the macros make it one that does not fit. */
#include <stdlib.h>
#include <string.h>

#include "claimline_plugin_0_1.h"

#ifndef MAJOR
#define MAJOR CLAIMLINE_ABI_MAJOR
#endif
#ifndef MINOR
#define MINOR CLAIMLINE_ABI_MINOR
#endif
#ifndef SIZE
#define SIZE sizeof(struct claimline_plugin)
#endif
#ifndef DESCRIPTION
#define DESCRIPTION "{\"abi\":\"0.1\",\"name\":\"still\",\"version\":\"1\",\"summary\":\"Does nothing.\"}"
#endif

static int32_t describe(struct claimline_text settings, struct claimline_owned_text *description,
                        struct claimline_fault *fault) {
  (void)settings;
  (void)fault;
  description->len = strlen(DESCRIPTION);
  description->data = malloc(description->len);
  memcpy(description->data, DESCRIPTION, description->len);
  return CLAIMLINE_OK;
}

static int32_t open_state(struct claimline_text settings, void **state, struct claimline_fault *fault) {
  (void)settings;
  (void)fault;
  *state = malloc(1);
  return CLAIMLINE_OK;
}

static int32_t process(void *state, struct claimline_table_list *input, struct claimline_table_list *output,
                       struct claimline_fault *fault) {
  (void)state;
  (void)input;
  (void)output;
  (void)fault;
  return CLAIMLINE_OK;
}

static int32_t finish(void *state, struct claimline_owned_text *files, struct claimline_fault *fault) {
  (void)state;
  (void)files;
  (void)fault;
  return CLAIMLINE_OK;
}

static void close_state(void *state) { free(state); }

static void free_text(uint8_t *data, size_t len) {
  (void)len;
  free(data);
}

static const struct claimline_plugin still = {SIZE,    MAJOR,  MINOR,       describe, open_state,
                                              process, finish, close_state, free_text};

#ifndef SYMBOL
#define SYMBOL claimline_plugin_v1
#endif

CLAIMLINE_EXPORT const struct claimline_plugin *SYMBOL(void) { return &still; }
