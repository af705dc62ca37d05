package dev.orrery.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The version of this build and of the Java that runs it. */
public final class Version implements IVersionProvider {
  @Spec private CommandSpec spec;

  /** For picocli, which makes one for each command. */
  public Version() {}

  @Override
  public String[] getVersion() throws IOException {
    Properties build = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("build.properties")) {
      build.load(in);
    }
    String program = spec.root().name();
    return new String[] {
      program + " " + build.getProperty("version") + " (Java " + Runtime.version() + ")"
    };
  }
}
