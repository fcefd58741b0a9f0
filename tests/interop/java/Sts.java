import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A token from the REST STS over mutual TLS, with the JDK's own HTTP client and the exported key store. */
final class Sts {
    private static final String REQUEST =
            """
            {"TokenType": "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0",
             "RequestType": "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue",
             "KeyType": "http://docs.oasis-open.org/ws-sx/ws-trust/200512/PublicKey",
             "AnvenderKontekst": {"Cvr": "%s"},
             "UseKey": "%s",
             "AppliesTo": {"EndpointReference": {"Address": "%s"}},
             "OnBehalfOf": null}
            """;

    private Sts() {}

    /** The decoded assertion goes to the file {@code token}. */
    static void fetchInto(Klient.Settings settings) throws Exception {
        String body = REQUEST.formatted(settings.get("cvr"), certificate(settings), settings.get("audience"));
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(settings.get("sts") + "/runtime/api/rest/wstrust/v1/issue"))
                        .header("Content-Type", "application/json")
                        .timeout(Duration.ofSeconds(20))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        HttpClient client = HttpClient.newBuilder().sslContext(Keys.context(settings)).build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("the STS answered HTTP " + answer.statusCode() + ": " + answer.body());
        }
        byte[] assertion = Base64.getDecoder().decode(member(answer.body(), "Assertion"));
        Files.write(Path.of(settings.get("token")), assertion);
        Klient.tell("token", assertion.length, member(answer.body(), "Lifetime"));
    }

    /** One line of base64: the certificate that belongs to the key in the store. */
    private static String certificate(Klient.Settings settings) throws Exception {
        KeyStore store = Keys.load(settings.get("keystore"), settings.get("keystore-password"));
        for (String alias : Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias)) {
                Certificate own = store.getCertificate(alias);
                return Base64.getEncoder().encodeToString(own.getEncoded());
            }
        }
        throw new IllegalStateException("the key store holds no key");
    }

    /** The JDK reads no JSON; one member that is a string is found well enough. */
    private static String member(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]*)\"").matcher(json);
        if (!found.find()) {
            throw new IllegalStateException("no " + name + " in " + json);
        }
        return found.group(1).replace("\\/", "/");
    }
}
