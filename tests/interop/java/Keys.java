import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS as a Java system sets it up: a PKCS#12 key store with its function certificate, and a trust store with the CA. */
final class Keys {
    private Keys() {}

    /** {@code keystore} may be left out: then no client certificate is presented. */
    static SSLContext context(Klient.Settings settings) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyStore trust = load(settings.get("truststore"), settings.get("truststore-password"));
        TrustManagerFactory trusting = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusting.init(trust);
        context.init(own(settings), trusting.getTrustManagers(), null);
        return context;
    }

    private static KeyManager[] own(Klient.Settings settings) throws Exception {
        String file = settings.get("keystore", "");
        if (file.isEmpty()) {
            return null;
        }
        String password = settings.get("keystore-password");
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(load(file, password), password.toCharArray());
        return keys.getKeyManagers();
    }

    static KeyStore load(String file, String password) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            store.load(in, password.toCharArray());
        }
        return store;
    }
}
