import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * A vendor's Java system, small: {@code java -cp … Klient token|afsend|afhent name=value …}.
 *
 * <p>It uses RabbitMQ's Java client the way KOMBIT's public samples for AfsendBesked and AfhentBesked do, and tells on
 * stdout what it got, one fact to a line. Exit code 1 and a last line {@code fejl …} where something was refused that
 * the samples do not expect.
 */
public final class Klient {
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private Klient() {}

    public static void main(String[] args) {
        try {
            Settings settings = Settings.read(args);
            switch (args[0]) {
                case "token" -> Sts.fetchInto(settings);
                case "afsend" -> AfsendBesked.send(settings);
                case "afhent" -> AfhentBesked.fetch(settings);
                default -> throw new IllegalArgumentException("token, afsend or afhent, not " + args[0]);
            }
        } catch (Exception error) {
            tell("fejl", error.toString(), error.getCause() == null ? "" : error.getCause().toString());
            System.exit(1);
        }
        System.exit(0); // the threads of a connection that was cut off must not hold the program
    }

    /** One fact: a word and its values, tabs between them. */
    static void tell(String word, Object... values) {
        StringBuilder line = new StringBuilder(word);
        for (Object value : values) {
            line.append('\t').append(String.valueOf(value).replaceAll("\\s+", " "));
        }
        OUT.println(line);
    }

    /** What the caller said, {@code name=value} each. */
    record Settings(Map<String, String> values) {
        static Settings read(String[] args) {
            Map<String, String> values = new HashMap<>();
            for (int i = 1; i < args.length; i++) {
                String[] parts = args[i].split("=", 2);
                values.put(parts[0], parts[1]);
            }
            return new Settings(values);
        }

        String get(String name) {
            String value = values.get(name);
            if (value == null) {
                throw new IllegalArgumentException(name + "=… is missing");
            }
            return value;
        }

        String get(String name, String otherwise) {
            return values.getOrDefault(name, otherwise);
        }

        int number(String name) {
            return Integer.parseInt(get(name));
        }
    }
}
