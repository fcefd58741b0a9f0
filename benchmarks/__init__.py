"""What must be fast and small, measured over the wire and beside RabbitMQ in the same run (`python -m benchmarks`)."""
