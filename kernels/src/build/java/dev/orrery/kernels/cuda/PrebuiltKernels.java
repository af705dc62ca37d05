package dev.orrery.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Kernels that were compiled before, in jars that a build has installed. */
final class PrebuiltKernels {
  /** Beside the kernels: what they were made of, as {@link #digest} gives it. */
  static final String DIGEST = "sources.sha256";

  private static final String PACKAGE = "dev/orrery/kernels/cuda/";

  private PrebuiltKernels() {}

  /**
   * Equal for equal sources and headers that are compiled for the same architectures.
   *
   * @param sources folder of the sources
   */
  static String digest(Path sources, List<String> architectures) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
    digest.update(String.join(",", architectures).getBytes(StandardCharsets.UTF_8));
    try (Stream<Path> files = Files.list(sources)) {
      for (Path file :
          files.filter(file -> file.toString().matches(".*\\.cuh?")).sorted().toList()) {
        digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(file));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Copies the kernels of the first jar that has those of a digest.
   *
   * @param artifact folder of a Maven repository with a folder for each version
   * @param out folder of the results
   * @return the jar; empty if there is none
   */
  static Optional<Path> take(Path artifact, String digest, Path out) throws IOException {
    if (!Files.isDirectory(artifact)) {
      return Optional.empty();
    }
    List<Path> jars;
    try (Stream<Path> files = Files.walk(artifact, 2)) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
    for (Path jar : jars) {
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        ZipEntry found = zip.getEntry(PACKAGE + DIGEST);
        if (found != null && text(zip, found).equals(digest)) {
          copy(zip, out);
          return Optional.of(jar);
        }
      }
    }
    return Optional.empty();
  }

  /** Copies results, the list of them at last, which says that they are complete. */
  private static void copy(ZipFile zip, Path out) throws IOException {
    List<ZipEntry> results = new ArrayList<>();
    zip.stream()
        .filter(entry -> entry.getName().matches(PACKAGE + "[^/]+\\.(fatbin|ptx|ptx90|sha256)"))
        .forEach(results::add);
    results.add(zip.getEntry(PACKAGE + BuildKernels.RESOURCES));
    for (ZipEntry entry : results) {
      try (InputStream in = zip.getInputStream(entry)) {
        Path file = out.resolve(entry.getName().substring(PACKAGE.length()));
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static String text(ZipFile zip, ZipEntry entry) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
