import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Starts one Elasticsearch node out of the published server jars, for tests and developers without Docker.
 *
 * <p>Arguments: the folder of modules, the home of the node, then settings as name=value. This is the real server without
 * Elastic's other modules and without security; it listens on loopback only and is not meant for a market that people use.
 */
public final class SearchNode {
    private SearchNode() {}

    public static void main(String[] arguments) throws Exception {
        Path modules = Path.of(arguments[0]).toAbsolutePath();
        Path home = Path.of(arguments[1]).toAbsolutePath();
        Settings.Builder settings = Settings.builder().put("path.home", home).put("path.logs", home.resolve("logs"));
        for (int i = 2; i < arguments.length; i++) {
            String[] pair = arguments[i].split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        Path config = Files.createDirectories(home.resolve("config"));
        // Without this file the log configuration refuses to start; the console goes to the log of the starting script.
        Files.writeString(config.resolve("log4j2.properties"), String.join("\n",
            "status = error",
            "appender.console.type = Console",
            "appender.console.name = console",
            "appender.console.layout.type = PatternLayout",
            "appender.console.layout.pattern = %d{ISO8601} %-5p %c{1.} %m%n",
            "rootLogger.level = info",
            "rootLogger.appenderRef.console.ref = console", ""));

        LogConfigurator.registerErrorListener();
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings.build(), Map.of(), config, () -> "search-node");
        LogConfigurator.setNodeName(Node.NODE_NAME_SETTING.get(environment.settings()));
        LogConfigurator.configure(environment, true);
        // The HTTP module must come through a class loader of its own, or the server takes it for a local class.
        PluginsLoader loader = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(modules, false), Set.of(), Map.of(), false);
        Node node = new Node(environment, loader).start();

        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception error) {
                error.printStackTrace();
            } finally {
                stopped.countDown();
            }
        }));
        stopped.await();
    }
}
