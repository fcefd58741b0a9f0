"""What can be loaded: our emulator (one of its own or a running one), a Beskedfordeler elsewhere, bare RabbitMQ."""
