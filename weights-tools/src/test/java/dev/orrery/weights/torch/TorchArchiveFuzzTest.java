package dev.orrery.weights.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.weights.torch.PickleReader.UnknownNames;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged archives and pickles that random generators make: each is read or refused with one line,
 * nothing else happens. The number of cases is fixed, unless {@code -Dfuzz.seconds} says how long
 * each test is to go on. A failure names the seed of its case.
 */
@Tag("slow")
class TorchArchiveFuzzTest {
  private static final long SECONDS = Long.getLong("fuzz.seconds", 0);

  /** Instructions that the reader knows; the others are refused at once and lead nowhere. */
  private static final String KNOWN =
      "NKMJG()]}aesuqrhjtcQRbX.\u0080\u0081\u0085\u0086\u0087\u0088\u0089\u008a\u008b\u008c\u008d"
          + "\u0092\u0093\u0094\u0095";

  private static final String[] GLOBALS = {
    "collections\nOrderedDict\n",
    "torch\nSize\n",
    "torch\nFloatStorage\n",
    "torch.storage\nUntypedStorage\n",
    "torch\nbfloat16\n",
    "torch._utils\n_rebuild_tensor_v2\n",
    "torch._utils\n_rebuild_tensor_v3\n",
    "torch._utils\n_rebuild_parameter\n",
    "os\nsystem\n",
    "omegaconf.dictconfig\nDictConfig\n"
  };

  /**
   * Longest message: one name from the directory, which the format lets be long, and some words.
   */
  private static final int MAX_MESSAGE_CHARS = 4096;

  @TempDir Path folder;

  private interface Case {
    /** Runs one case and returns whether it was refused. */
    boolean run(Random random) throws IOException;
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void mutatedArchivesAreReadOrRefused() throws IOException {
    Path path = folder.resolve("x.pth");
    byte[][] valid = {bytes("state_dict.pth"), bytes("generator.pt")};
    fuzz(
        30_000,
        random -> {
          Files.write(path, mutated(valid[random.nextInt(valid.length)], random));
          return opened(path);
        });
  }

  /** The zip file around the pickle is right, so that the pickle is what is looked at. */
  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void mutatedPicklesAreReadOrRefused() throws IOException {
    byte[][] valid = {pickle("state_dict.pth"), pickle("generator.pt"), unusualPickle()};
    fuzz(
        400_000,
        random -> read(mutated(valid[random.nextInt(valid.length)], random), UnknownNames.REFUSED));
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void randomProgramsAreReadOrRefused() throws IOException {
    fuzz(600_000, random -> read(program(random), UnknownNames.REFUSED));
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void randomProgramsWithPlaceholdersAreReadOrRefused() throws IOException {
    fuzz(600_000, random -> read(program(random), UnknownNames.CARRIED));
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void mutatedTrainingCheckpointsAreReadOrRefused() throws IOException {
    Path path = folder.resolve("x.ckpt");
    byte[] valid = PlaceholderTest.lightning();
    fuzz(
        20_000,
        random -> {
          ZipFileBytes.archive(path, mutated(valid, random), 8, 24, 4);
          return opened(path, "state_dict");
        });
  }

  /** Whole archives again, where the pickle is damaged and tensors that remain are read. */
  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void archivesOfMutatedPicklesAreReadOrRefused() throws IOException {
    Path path = folder.resolve("x.pth");
    long[] extents = {3, 2};
    byte[] valid =
        PickleBytes.begin()
            .ops("}")
            .text("w")
            .tensor("0", 24, 2, extents, new long[] {8, 3})
            .ops("s")
            .end();
    fuzz(
        20_000,
        random -> {
          ZipFileBytes.archive(path, mutated(valid, random), 96, 24);
          return opened(path);
        });
  }

  private static void fuzz(int cases, Case test) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    int refusals = 0;
    int seed = 0;
    for (; SECONDS > 0 ? System.nanoTime() < end : seed < cases; seed++) {
      try {
        refusals += test.run(new Random(seed)) ? 1 : 0;
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        fail("seed " + seed + ": " + e, e);
      }
    }
    assertTrue(refusals > seed / 2, refusals + " refusals of " + seed);
    assertTrue(refusals < seed, "nothing was read in " + seed + " cases");
  }

  private static boolean opened(Path path) {
    return opened(path, "");
  }

  private static boolean opened(Path path, String key) {
    try (TorchArchive archive = TorchArchive.open(path, key)) {
      assertTrue(values(archive.tree()) <= TorchTree.MAX_VALUES);
      assertEquals(0, PlaceholderTest.placeholders(archive.tree()).count());
      for (TorchTensor tensor : tensors(archive).values()) {
        byte[] bytes = new byte[(int) Math.min(tensor.byteSize(), 64 * tensor.dtype().byteSize())];
        archive.read(tensor, 0, MemorySegment.ofArray(bytes));
        archive.read(tensor, tensor.byteSize() - bytes.length, MemorySegment.ofArray(bytes));
      }
      return false;
    } catch (CheckpointException e) {
      checkMessage(path.toString(), e);
      return true;
    }
  }

  private static Map<String, TorchTensor> tensors(TorchArchive archive) {
    if (archive.tree() instanceof TorchValue.Dictionary root
        && root.entries().get("generator") instanceof TorchValue.Dictionary) {
      return archive.tensors("generator");
    }
    return archive.tensors();
  }

  private static boolean read(byte[] pickle, UnknownNames unknown) {
    try {
      PickleReader reader = new PickleReader(new PickleInput("x", pickle), unknown);
      TorchValue tree = TorchTree.of("x", reader.read());
      assertTrue(values(tree) <= TorchTree.MAX_VALUES);
      return false;
    } catch (CheckpointException e) {
      checkMessage("x", e);
      return true;
    }
  }

  private static void checkMessage(String file, CheckpointException e) {
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    assertTrue(e.getMessage().length() <= MAX_MESSAGE_CHARS, e.getMessage());
  }

  private static long values(TorchValue value) {
    return switch (value) {
      case TorchValue.Sequence(var entries) ->
          1 + entries.stream().mapToLong(TorchArchiveFuzzTest::values).sum();
      case TorchValue.Dictionary(var entries) ->
          1 + entries.values().stream().mapToLong(TorchArchiveFuzzTest::values).sum();
      default -> 1;
    };
  }

  /** One to four edits: a byte, a repeated or removed piece, a field of extreme value, an end. */
  private static byte[] mutated(byte[] valid, Random random) {
    byte[] bytes = valid.clone();
    for (int edits = 1 + random.nextInt(4); edits > 0 && bytes.length > 0; edits--) {
      int at = random.nextInt(bytes.length);
      int length = Math.min(1 + random.nextInt(16), bytes.length - at);
      switch (random.nextInt(8)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes[at] = (byte) KNOWN.charAt(random.nextInt(KNOWN.length()));
        case 3 -> {
          int from = random.nextInt(bytes.length - length + 1);
          System.arraycopy(bytes, from, bytes, at, length);
        }
        case 4 -> bytes = spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, at + length));
        case 5 -> bytes = spliced(bytes, at, at + length, new byte[0]);
        case 6 ->
            Arrays.fill(bytes, at, at + Math.min(length, 8), (byte) (random.nextInt(3) * 0x7f));
        default -> bytes = random.nextInt(8) == 0 ? Arrays.copyOf(bytes, at) : bytes;
      }
    }
    return bytes;
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte[] middle) {
    byte[] spliced = new byte[from + middle.length + bytes.length - to];
    System.arraycopy(bytes, 0, spliced, 0, from);
    System.arraycopy(middle, 0, spliced, from, middle.length);
    System.arraycopy(bytes, to, spliced, from + middle.length, bytes.length - to);
    return spliced;
  }

  /** Known instructions in any order, with arguments that mostly fit. */
  private static byte[] program(Random random) {
    PickleBytes program = PickleBytes.begin();
    for (int count = random.nextInt(40); count > 0; count--) {
      char opcode = KNOWN.charAt(random.nextInt(KNOWN.length()));
      int small = random.nextInt(4);
      switch (opcode) {
        case 'K', 'q', 'h' -> program.op(opcode, small);
        case 'M' -> program.op(opcode, small, 0);
        case 'J', 'r', 'j' -> program.u32(opcode, random.nextInt(20) == 0 ? -1 : small);
        case 'G' -> program.i64(opcode, random.nextLong());
        case 'X' -> program.text(random.nextBoolean() ? "storage" : "k" + small);
        case 'c' -> program.op(opcode).ops(GLOBALS[random.nextInt(GLOBALS.length)]);
        case '\u008a' -> program.op(opcode, 1, small);
        case '\u008b', '\u0095' -> program.i64(opcode, small);
        case '\u0080', '\u008c', '\u008d', '.' -> {
          switch (random.nextInt(4)) {
            case 0 -> program.storage("FloatStorage", "0", small);
            case 1 -> program.tensor("0", 4, small, new long[] {small}, new long[] {1});
            case 2 -> program.ops("}").text("k").ops("Ns");
            default -> program.ops("](NNe");
          }
        }
        default -> program.op(opcode);
      }
    }
    if (random.nextInt(4) > 0) {
      return program.end();
    }
    // One tuple takes all that is left, so that more programs end well.
    byte[] instructions = program.ops("t").end();
    return spliced(instructions, 2, 2, new byte[] {'('});
  }

  /** Instructions and names that the fixtures do not have. */
  private static byte[] unusualPickle() {
    return new PickleBytes()
        .op(0x80, 4)
        .i64(0x95, 10)
        .ops("}\u0094(")
        .op(0x8c, 1, 'a', 0x94)
        .global("torch._utils", "_rebuild_tensor_v3")
        .ops("(")
        .storage("UntypedStorage", "1", 64)
        .number(3)
        .numbers(2, 3)
        .numbers(5, 1)
        .op(0x89)
        .orderedDict()
        .global("torch", "float8_e4m3fn")
        .ops("tR\u0094")
        .op(0x8c, 1, 'b')
        .orderedDict()
        .ops("}")
        .text("_metadata")
        .orderedDict()
        .ops("sb")
        .op(0x8c, 1, 'c')
        .global("torch", "Size")
        .numbers(1, 2)
        .ops("\u0085R")
        .op(0x8c, 1, 'd')
        .op(0x8c, 5)
        .ops("torch")
        .op(0x8c, 8)
        .ops("bfloat16\u0093u")
        .end();
  }

  private static byte[] bytes(String resource) throws IOException {
    return Files.readAllBytes(TorchArchiveTest.resource(resource));
  }

  private static byte[] pickle(String resource) throws IOException {
    try (ZipFile zip = new ZipFile(TorchArchiveTest.resource(resource).toFile())) {
      String name = resource.substring(0, resource.indexOf('.')) + "/data.pkl";
      return zip.getInputStream(zip.getEntry(name)).readAllBytes();
    }
  }
}
