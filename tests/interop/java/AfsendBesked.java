import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * BeskedAfsend (SF1462): mandatory, confirmed, answered on direct reply-to; the token travels in the header.
 *
 * <p>The connection is made with the token {@code login}. The message is sent with the first of {@code tokens} (comma
 * between them); on 41 the next is read, the connection made anew and the same message sent again, until it is
 * answered otherwise or there is no token left. {@code gange} sends it so many times more after that.
 */
final class AfsendBesked {
    private static final String EXCHANGE = "AFSEND_BESKED_EXCHANGE";
    private static final String REPLY_TO = "amq.rabbitmq.reply-to";
    private static final int EXPIRED = 41;

    private record Answer(String correlationId, byte[] body) {}

    private AfsendBesked() {}

    static void send(Klient.Settings settings) throws Exception {
        byte[] besked = Files.readAllBytes(Path.of(settings.get("besked")));
        byte[] login = Files.readAllBytes(Path.of(settings.get("login")));
        String transaktionsId = UUID.randomUUID().toString();
        int more = Integer.parseInt(settings.get("gange", "0"));
        Iterator<String> tokens = List.of(settings.get("tokens").split(",")).iterator();
        String token = next(tokens);
        while (true) {
            StandardRetur retur;
            try (Connection connection = Beskedfordeler.connect(settings, login)) {
                retur = sendOn(connection, besked, transaktionsId, token);
            }
            if (retur.statusKode() == EXPIRED && tokens.hasNext()) {
                token = next(tokens);
            } else if (more-- <= 0) {
                return;
            }
        }
    }

    private static String next(Iterator<String> files) throws Exception {
        return Files.readString(Path.of(files.next()), StandardCharsets.UTF_8);
    }

    private static StandardRetur sendOn(Connection connection, byte[] besked, String transaktionsId, String token)
            throws Exception {
        Channel channel = connection.createChannel();
        channel.confirmSelect();
        channel.addReturnListener((code, text, exchange, key, properties, body) -> Klient.tell("retur", code, text));
        BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
        channel.basicConsume(REPLY_TO, true, listener(channel, answers));
        AMQP.BasicProperties properties =
                new AMQP.BasicProperties.Builder()
                        .messageId(transaktionsId)
                        .correlationId(UUID.randomUUID().toString())
                        .replyTo(REPLY_TO)
                        .headers(Map.of("token", token))
                        .build();
        channel.basicPublish(EXCHANGE, "", true, properties, besked);
        Klient.tell("bekraeftet", channel.waitForConfirms(10_000));
        Answer answer = answers.poll(10, TimeUnit.SECONDS);
        if (answer == null || !properties.getCorrelationId().equals(answer.correlationId())) {
            throw new IllegalStateException("no answer with this correlation id within 10 s");
        }
        StandardRetur retur = StandardRetur.read(answer.body());
        Klient.tell("svar", retur.statusKode(), retur.fejlbeskedTekst());
        return retur;
    }

    private static DefaultConsumer listener(Channel channel, BlockingQueue<Answer> answers) {
        return new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
                answers.add(new Answer(properties.getCorrelationId(), body));
            }
        };
    }
}
