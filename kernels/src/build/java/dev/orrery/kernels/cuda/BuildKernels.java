package dev.orrery.kernels.cuda;

import dev.orrery.kernels.cuda.CudaCompiler.CompileException;
import dev.orrery.kernels.cuda.KernelTargets.Ptx;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The build step that compiles the CUDA sources of a folder. Every {@code Stem.cu} becomes {@code
 * Stem.fatbin}, machine code for several architectures, and {@code Stem.ptx} and {@code Stem.ptx90}
 * for drivers that are older than the compiler; {@code resources.json} tells what each function
 * takes. A source is compiled when it, a header, the compiler or its options changed.
 *
 * <p>Stems that end in {@code Hopper} use instructions of sm_90a and are compiled for it alone.
 *
 * @param compiler what compiles
 * @param sources folder of the sources
 * @param out folder of the results; other files in it stay
 * @param work folder of notes from one build to the next and of temporary files
 * @param architectures what portable sources are compiled for, {@code 80} being sm_80
 */
record BuildKernels(
    CudaCompiler compiler, Path sources, Path out, Path work, List<String> architectures) {
  private static final List<String> OPTIONS =
      List.of("-O3", "-std=c++17", "-Werror=all-warnings", "-Xptxas=-v", "--compress-mode=size");

  /**
   * The compiler always writes its newest PTX version, which only drivers of its own age read. The
   * kernels use nothing that is newer than 8.0, which drivers from 525 on read; {@code
   * PtxAssemblyTest} proves it with the assembler of that time.
   */
  private static final String PTX_VERSION = ".version 8.0";

  private static final Pattern PTX_HEADER =
      Pattern.compile("^\\.version \\d+\\.\\d+$", Pattern.MULTILINE);

  static final String RESOURCES = "resources.json";

  private static final String TEMPORARY = "tmp";

  /** 53 sources for 4 architectures, which make 188 results, took 285 s of processors. */
  private static final double PROCESSOR_SECONDS_FOR_EACH = 1.5;

  /**
   * Compiles what has changed. The system property {@code cuda.architectures} is a list such as
   * {@code 80,90a}; with {@code cuda.required} a missing compiler is an error. {@code
   * cuda.prebuilt} names a folder of jars, of which one with kernels for these sources is taken
   * instead.
   *
   * @param arguments folders of the sources, of the results and of working files
   */
  public static void main(String[] arguments) throws Exception {
    Path sources = Path.of(arguments[0]);
    Path out = Path.of(arguments[1]);
    Path work = Path.of(arguments[2]);
    List<String> architectures = List.of(System.getProperty("cuda.architectures").split(","));
    Path temporary = Files.createDirectories(work.resolve(TEMPORARY));
    try (FileChannel channel =
        FileChannel.open(
            work.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (channel.tryLock() == null) {
        System.out.println("[INFO] waiting for another build of the CUDA kernels to end");
        channel.lock();
      }
      String prebuilt = System.getProperty("cuda.prebuilt");
      if (prebuilt != null && take(Path.of(prebuilt), sources, out, architectures)) {
        return;
      }
      CudaCompiler compiler;
      try {
        compiler = CudaCompiler.find(System.getenv(), temporary);
      } catch (CompileException e) {
        if (Boolean.getBoolean("cuda.required")) {
          fail(e);
        }
        System.out.println(
            "[INFO] CUDA kernels are left out, this build runs on CPUs only: " + e.getMessage());
        deleteAllBut(out, List.of());
        return;
      }
      new BuildKernels(compiler, sources, out, work, architectures).build();
    } catch (CompileException e) {
      fail(e);
    }
  }

  private static boolean take(Path jars, Path sources, Path out, List<String> architectures)
      throws IOException {
    Files.createDirectories(out);
    String digest = PrebuiltKernels.digest(sources, architectures);
    Optional<Path> jar = PrebuiltKernels.take(jars, digest, out);
    jar.ifPresent(
        found ->
            System.out.println("[INFO] CUDA kernels of the same sources are taken from " + found));
    return jar.isPresent();
  }

  private static void fail(CompileException e) {
    System.out.println("[ERROR] " + e.getMessage());
    System.exit(1);
  }

  /**
   * Compiles the sources that have changed, as many at a time as there are processors.
   *
   * @return their stems
   * @throws CompileException if one does not compile; the message is what the compiler says
   */
  List<String> build() throws IOException, InterruptedException {
    Files.createDirectories(out);
    Files.createDirectories(work.resolve(TEMPORARY));
    List<String> stems = stems();
    deleteAllBut(out, stems);
    List<String> changed = new ArrayList<>();
    for (String stem : stems) {
      if (!isCurrent(stem)) {
        changed.add(stem);
      }
    }
    if (!changed.isEmpty()) {
      long start = System.nanoTime();
      announce(changed);
      compileAll(changed);
      System.out.printf(
          Locale.ROOT,
          "[INFO] CUDA kernels compiled in %.1f s%n",
          (System.nanoTime() - start) / 1e9);
    }
    Files.writeString(
        out.resolve(PrebuiltKernels.DIGEST), PrebuiltKernels.digest(sources, architectures));
    writeResources(stems);
    return changed;
  }

  private void announce(List<String> stems) {
    int results = stems.stream().mapToInt(stem -> targets(stem).machines().size()).sum();
    int processors = Runtime.getRuntime().availableProcessors();
    double seconds = PROCESSOR_SECONDS_FOR_EACH * results / processors;
    System.out.printf(
        Locale.ROOT,
        "[INFO] nvcc %s compiles %s for sm_%s, which takes about %s on %d processors%n",
        compiler.version(),
        stems.size() == 1 ? stems.getFirst() + ".cu" : stems.size() + " CUDA sources",
        String.join(", sm_", architectures),
        seconds < 60 ? (int) Math.ceil(seconds) + " s" : (int) Math.ceil(seconds / 60) + " minutes",
        processors);
  }

  /** The sources that one of the wanted architectures can run, sorted. */
  private List<String> stems() throws IOException {
    return files(sources, ".cu").stream()
        .map(file -> file.getFileName().toString().replace(".cu", ""))
        .filter(stem -> !targets(stem).machines().isEmpty())
        .toList();
  }

  private KernelTargets targets(String stem) {
    return KernelTargets.of(stem, architectures);
  }

  private boolean isCurrent(String stem) throws IOException {
    Path note = note(stem);
    return Files.exists(note)
        && Files.exists(out.resolve(stem + ".fatbin"))
        && targets(stem).ptx().stream()
            .allMatch(ptx -> Files.exists(out.resolve(stem + ptx.ending())))
        && Files.readAllLines(note).getFirst().equals(key(stem));
  }

  /** What is remembered of a stem: the key of what it was made of, then its resources. */
  private Path note(String stem) {
    return work.resolve(stem + ".txt");
  }

  /** Changes when anything does that the results are made of. */
  private String key(String stem) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
    List<List<String>> ptx = targets(stem).ptx().stream().map(BuildKernels::ptxArguments).toList();
    String made = compiler.version() + fatbinArguments(stem) + ptx + PTX_VERSION;
    digest.update(made.getBytes(StandardCharsets.UTF_8));
    List<Path> read = new ArrayList<>(files(sources, ".cuh"));
    read.add(source(stem));
    for (Path file : read) {
      digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
      digest.update(Files.readAllBytes(file));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private void compileAll(List<String> stems) throws IOException, InterruptedException {
    int processors = Runtime.getRuntime().availableProcessors();
    List<Callable<Void>> jobs = new ArrayList<>();
    for (String stem : stems) {
      jobs.add(
          () -> {
            compile(stem);
            return null;
          });
    }
    List<String> errors = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(processors)) {
      for (Future<Void> job : threads.invokeAll(jobs)) {
        try {
          job.get();
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof CompileException error)) {
            throw new IllegalStateException(e.getCause());
          }
          errors.add(error.getMessage());
        }
      }
    }
    if (!errors.isEmpty()) {
      throw new CompileException(String.join("\n", errors));
    }
  }

  private void compile(String stem) throws IOException, InterruptedException {
    Files.deleteIfExists(note(stem));
    // Taken first, so that an edit while the compiler runs is compiled by the next build.
    String key = key(stem);
    Path temporary = work.resolve(TEMPORARY);
    Path kept = Files.createDirectories(temporary.resolve(stem));
    List<String> arguments = new ArrayList<>(fatbinArguments(stem));
    arguments.addAll(List.of("--keep", "--keep-dir=" + kept));
    CompilerLog log =
        CompilerLog.parse(compiler.compile(withFiles(arguments, stem, ".fatbin"), temporary));
    refuseSerialised(stem, log);
    KernelTargets targets = targets(stem);
    for (Ptx ptx : targets.ptx()) {
      Path file = out.resolve(stem + ptx.ending());
      Path made = kept.resolve(targets.kept(ptx));
      if (Files.exists(made)) {
        Files.move(made, file, StandardCopyOption.REPLACE_EXISTING);
      } else {
        compiler.compile(withFiles(ptxArguments(ptx), stem, ptx.ending()), temporary);
      }
      lowerVersion(file);
    }
    deleteAll(kept);
    for (String remark : log.remarks()) {
      System.out.println("[WARNING] " + stem + ".cu: " + remark);
    }
    List<String> lines = new ArrayList<>(List.of(key));
    log.functions().stream().map(function -> function.json(stem)).sorted().forEach(lines::add);
    Files.write(note(stem), lines);
  }

  /** What the assembler only remarks on would make a kernel several times slower, unseen. */
  private static void refuseSerialised(String stem, CompilerLog log) throws CompileException {
    if (!log.serialised().isEmpty()) {
      throw new CompileException(
          "%s.cu: expected wgmma that runs ahead, found that ptxas makes it wait:\n%s"
              .formatted(stem, String.join("\n", log.serialised())));
    }
  }

  private List<String> fatbinArguments(String stem) {
    List<String> arguments = new ArrayList<>(OPTIONS);
    arguments.addAll(targets(stem).options());
    arguments.add("-fatbin");
    return arguments;
  }

  private static List<String> ptxArguments(Ptx ptx) {
    return List.of(
        "-O3",
        "-std=c++17",
        "-gencode=arch=compute_%1$s,code=compute_%1$s".formatted(ptx.architecture()),
        "-ptx");
  }

  private List<String> withFiles(List<String> arguments, String stem, String ending) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("-o", out.resolve(stem + ending).toString(), source(stem).toString()));
    return all;
  }

  private Path source(String stem) {
    return sources.resolve(stem + ".cu");
  }

  private static void lowerVersion(Path ptx) throws IOException {
    Matcher header = PTX_HEADER.matcher(Files.readString(ptx));
    if (!header.find()) {
      throw new CompileException(ptx + ": expected a line .version, found none");
    }
    Files.writeString(ptx, header.replaceFirst(PTX_VERSION));
  }

  private void writeResources(List<String> stems) throws IOException {
    List<String> rows = new ArrayList<>();
    for (String stem : stems) {
      Files.readAllLines(note(stem)).stream().skip(1).map(row -> "    " + row).forEach(rows::add);
    }
    String json =
        "{\n  \"nvcc\": \"%s\",\n  \"functions\": [\n%s\n  ]\n}\n"
            .formatted(compiler.version(), String.join(",\n", rows));
    Files.writeString(out.resolve(RESOURCES), json);
  }

  /** Removes results whose sources are gone; the folder holds other files, too. */
  private static void deleteAllBut(Path out, List<String> stems) throws IOException {
    if (!Files.isDirectory(out)) {
      return;
    }
    List<Path> results = new ArrayList<>(files(out, ".fatbin"));
    results.addAll(files(out, ".ptx"));
    results.addAll(files(out, ".ptx90"));
    for (Path file : results) {
      if (!stems.contains(file.getFileName().toString().replaceFirst("\\.\\w+$", ""))) {
        Files.delete(file);
      }
    }
    if (stems.isEmpty()) {
      Files.deleteIfExists(out.resolve(RESOURCES));
      Files.deleteIfExists(out.resolve(PrebuiltKernels.DIGEST));
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    for (Path file : files(folder, "")) {
      Files.delete(file);
    }
    Files.delete(folder);
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }
}
