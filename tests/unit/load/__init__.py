"""The load generator, part by part."""
