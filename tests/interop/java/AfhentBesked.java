import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * BeskedHent (SF1461): consumes {@code antal} messages of a dueslag with manual ack, each into a file of {@code ud},
 * and tells how many are left.
 */
final class AfhentBesked {
    private record Delivery(Envelope envelope, AMQP.BasicProperties properties, byte[] body) {}

    private AfhentBesked() {}

    static void fetch(Klient.Settings settings) throws Exception {
        byte[] login = Files.readAllBytes(Path.of(settings.get("login")));
        String dueslag = settings.get("dueslag");
        try (Connection connection = Beskedfordeler.connect(settings, login)) {
            Channel channel = connection.createChannel();
            channel.basicQos(1);
            BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
            String tag = channel.basicConsume(dueslag, false, taker(channel, deliveries));
            for (int number = 1; number <= settings.number("antal"); number++) {
                Delivery delivery = deliveries.poll(10, TimeUnit.SECONDS);
                if (delivery == null) {
                    throw new IllegalStateException("no delivery within 10 s");
                }
                Path file = Path.of(settings.get("ud"), number + ".xml");
                Files.write(file, delivery.body());
                Klient.tell(
                        "besked", file, delivery.properties().getMessageId(), delivery.envelope().isRedeliver());
                if (number == settings.number("antal")) {
                    channel.basicCancel(tag); // before the ack: what is left then stays where it is, and is counted
                }
                channel.basicAck(delivery.envelope().getDeliveryTag(), false);
            }
            Klient.tell("tilbage", channel.queueDeclarePassive(dueslag).getMessageCount());
            channel.close();
        }
    }

    private static DefaultConsumer taker(Channel channel, BlockingQueue<Delivery> deliveries) {
        return new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
                deliveries.add(new Delivery(envelope, properties, body));
            }
        };
    }
}
