import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.SaslConfig;
import com.rabbitmq.client.SaslMechanism;
import com.rabbitmq.client.impl.LongStringHelper;
import java.util.List;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A connection: TLS with the name verified, vhost BF, SASL EXTERNAL with the decoded assertion as the response. */
final class Beskedfordeler {
    private Beskedfordeler() {}

    static Connection connect(Klient.Settings settings, byte[] assertion) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(settings.get("host"));
        factory.setPort(settings.number("port"));
        factory.setVirtualHost("BF");
        factory.useSslProtocol(Keys.context(settings));
        factory.setSocketConfigurator(
                socket -> {
                    SSLParameters parameters = ((SSLSocket) socket).getSSLParameters();
                    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // client 5.0 verifies no names by itself
                    ((SSLSocket) socket).setSSLParameters(parameters);
                });
        factory.setSaslConfig(new Token(assertion));
        factory.setAutomaticRecoveryEnabled(false);
        factory.setConnectionTimeout(20_000);
        Connection connection = factory.newConnection();
        Klient.tell("forbundet", connection.getServerProperties().get("product"));
        return connection;
    }

    /** EXTERNAL whose response is the token, where {@code DefaultSaslConfig.EXTERNAL} would send nothing. */
    private record Token(byte[] assertion) implements SaslConfig, SaslMechanism {
        @Override
        public SaslMechanism getSaslMechanism(String[] mechanisms) {
            Klient.tell("mekanismer", String.join(" ", mechanisms));
            return List.of(mechanisms).contains(getName()) ? this : null;
        }

        @Override
        public String getName() {
            return "EXTERNAL";
        }

        @Override
        public LongString handleChallenge(LongString challenge, String username, String password) {
            return LongStringHelper.asLongString(assertion);
        }
    }
}
