"""The command line, and the composition root: it may start both the emulator and the consumers."""
