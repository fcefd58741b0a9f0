import java.io.ByteArrayInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** The Beskedfordeler's answer: StatusKode and FejlbeskedTekst directly under the root, whatever the root is called. */
record StandardRetur(int statusKode, String fejlbeskedTekst) {
    private static final String SAGDOK = "urn:oio:sagdok:3.0.0";

    static StandardRetur read(byte[] document) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        Element root = factory.newDocumentBuilder().parse(new ByteArrayInputStream(document)).getDocumentElement();
        return new StandardRetur(Integer.parseInt(child(root, "StatusKode")), child(root, "FejlbeskedTekst"));
    }

    private static String child(Element root, String name) {
        for (Node node = root.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (name.equals(node.getLocalName()) && SAGDOK.equals(node.getNamespaceURI())) {
                return node.getTextContent().trim();
            }
        }
        return "";
    }
}
