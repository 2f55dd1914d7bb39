//! Turns a pipeline file into a plan and runs it. Knows no concrete stage.
