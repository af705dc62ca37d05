package dev.orrery.runtime.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a file is by its first bytes, for files that are not what their name says: a download that
 * brought a page to sign in at, a pointer of Git LFS, an archive that was not unpacked.
 *
 * <p>Only looked at when reading has failed, so that a valid file is never taken for another.
 *
 * @param what what the file is, such as {@code a Git LFS pointer}
 * @param remedy what to do about it
 */
public record FileKind(String what, String remedy) {
  /** A PyTorch archive of today. */
  public static final FileKind TORCH_ARCHIVE =
      new FileKind(
          "a PyTorch archive",
          "give it a name that ends in .pt and convert it with orrery weights convert");

  /** A zip file of anything else. */
  public static final FileKind ZIP =
      new FileKind("a zip file", "unpack it and use the file inside it");

  /** A safetensors file, as far as the first bytes of its header. */
  public static final FileKind SAFETENSORS =
      new FileKind("a safetensors file", "give it a name that ends in .safetensors");

  /** A text that begins like JSON, and tells no error. */
  public static final FileKind JSON = new FileKind("a JSON text", "use the file of weights");

  private static final String AGAIN =
      "download it again, with a token if its repository asks for one";
  private static final String UNPACK = "unpack it with ";
  private static final String CONVERT = "get the model as safetensors or as a PyTorch archive";

  /** How the answers of hubs begin. */
  private static final Pattern SERVER_ERROR =
      Pattern.compile("\\{\\s*\"(errors?|detail|message)\"\\s*:");

  private static final int START_BYTES = 1024;
  private static final int MAX_SHOWN = 80;
  private static final int ZIP_NAME = 30;

  /** Bytes at a position, and the kind that has them. */
  private record Magic(int at, byte[] bytes, FileKind kind) {
    static Magic of(int at, String hex, String what, String remedy) {
      return new Magic(at, HexFormat.of().parseHex(hex), new FileKind(what, remedy));
    }

    boolean isIn(byte[] start) {
      int end = at + bytes.length;
      return end <= start.length && Arrays.equals(start, at, end, bytes, 0, bytes.length);
    }
  }

  /** Texts and zip files come apart; of these, the longer beginnings first. */
  private static final List<Magic> MAGIC =
      List.of(
          Magic.of(0, "1f8b", "a gzip file", UNPACK + "gunzip"),
          Magic.of(0, "fd377a585a00", "an xz file", UNPACK + "unxz"),
          Magic.of(0, "28b52ffd", "a zstd file", UNPACK + "unzstd"),
          Magic.of(0, "425a68", "a bzip2 file", UNPACK + "bunzip2"),
          Magic.of(0, "04224d18", "an lz4 file", UNPACK + "unlz4"),
          Magic.of(0, "377abcaf271c", "a 7z file", UNPACK + "7z x"),
          Magic.of(0, "526172211a07", "a rar file", UNPACK + "unrar x"),
          Magic.of(257, "7573746172", "a tar file", UNPACK + "tar xf"),
          Magic.of(0, "504b0506", "an empty zip file", AGAIN),
          Magic.of(0, "47475546", "a GGUF file", CONVERT),
          Magic.of(0, "6c6d6767", "a GGML file", CONVERT),
          Magic.of(0, "746a6767", "a GGML file", CONVERT),
          Magic.of(0, "894844460d0a1a0a", "an HDF5 file (Keras)", CONVERT),
          Magic.of(4, "54464c33", "a TensorFlow Lite file", CONVERT),
          Magic.of(0, "934e554d5059", "a NumPy array", CONVERT),
          Magic.of(
              0,
              "80028a0a6cfc9c46f9206aa85019",
              "a PyTorch archive of the older stream format",
              "load and save it once with PyTorch 1.6 or later"),
          Magic.of(0, "8002", "a Python pickle", CONVERT),
          Magic.of(0, "8003", "a Python pickle", CONVERT),
          Magic.of(0, "8004", "a Python pickle", CONVERT),
          Magic.of(0, "8005", "a Python pickle", CONVERT),
          Magic.of(0, "89504e470d0a1a0a", "a PNG picture", "use the file of weights"),
          Magic.of(0, "ffd8ff", "a JPEG picture", "use the file of weights"),
          Magic.of(0, "255044462d", "a PDF document", "use the file of weights"));

  /**
   * Looks at a file.
   *
   * @return what it is; empty if that is not known, or the file cannot be read
   */
  public static Optional<FileKind> of(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      return of(in.readNBytes(START_BYTES));
    } catch (IOException e) {
      // Whoever failed to read it before says why.
      return Optional.empty();
    }
  }

  /**
   * The failure to read a file, by what the file is if that is not what its reader takes.
   *
   * @param expected what the reader takes, such as {@code a safetensors file}
   * @param readable the kinds of files that this describes
   * @param failure what the reader found wrong; returned if nothing better can be said
   */
  public static CheckpointException explain(
      Path file, String expected, List<FileKind> readable, CheckpointException failure) {
    return of(file)
        .filter(kind -> !readable.contains(kind))
        .map(kind -> kind.insteadOf(file, expected, failure))
        .orElse(failure);
  }

  /** The failure to read a file of this kind as one of another. */
  CheckpointException insteadOf(Path file, String expected, CheckpointException failure) {
    return new CheckpointException(
        file.toString(), "expected " + expected + ", found " + what + "; " + remedy, failure);
  }

  private static Optional<FileKind> of(byte[] start) {
    if (start.length == 0) {
      return Optional.of(new FileKind("an empty file", "download it again"));
    }
    if (new Magic(0, new byte[] {'P', 'K', 3, 4}, ZIP).isIn(start)) {
      return Optional.of(isTorch(start) ? TORCH_ARCHIVE : ZIP);
    }
    return safetensors(start)
        .or(() -> MAGIC.stream().filter(magic -> magic.isIn(start)).map(Magic::kind).findFirst())
        .or(() -> zeros(start))
        .or(() -> onnx(start))
        .or(() -> text(start).map(FileKind::ofText));
  }

  /** PyTorch writes the pickle, of this name in some folder, before all else. */
  private static boolean isTorch(byte[] start) {
    String names = new String(start, StandardCharsets.ISO_8859_1);
    int pickle = names.indexOf("/data.pkl");
    return pickle > ZIP_NAME && names.indexOf('/') == pickle;
  }

  private static Optional<FileKind> safetensors(byte[] start) {
    if (start.length <= SafetensorsHeader.LENGTH_BYTES) {
      return Optional.empty();
    }
    long length = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
    boolean fits = length > 1 && length <= SafetensorsHeader.MAX_JSON_BYTES;
    return fits && start[SafetensorsHeader.LENGTH_BYTES] == '{'
        ? Optional.of(SAFETENSORS)
        : Optional.empty();
  }

  private static Optional<FileKind> zeros(byte[] start) {
    for (byte b : start) {
      if (b != 0) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new FileKind("nothing but zeros, as of a download that was cut off", "download it again"));
  }

  /** A protocol buffer that begins with the version of ONNX and the name of what wrote it. */
  private static Optional<FileKind> onnx(byte[] start) {
    if (start.length < 5 || start[0] != 0x08 || start[2] != 0x12) {
      return Optional.empty();
    }
    int end = 4 + start[3];
    if (start[1] < 1 || start[1] > 30 || start[3] < 1 || end > start.length) {
      return Optional.empty();
    }
    for (int at = 4; at < end; at++) {
      if (start[at] < ' ' || start[at] > '~') {
        return Optional.empty();
      }
    }
    return Optional.of(new FileKind("an ONNX model", CONVERT));
  }

  /** The beginning as a text, without a byte order mark; empty if it is none. */
  private static Optional<String> text(byte[] start) {
    boolean little = start.length > 1 && start[0] == (byte) 0xff && start[1] == (byte) 0xfe;
    boolean big = start.length > 1 && start[0] == (byte) 0xfe && start[1] == (byte) 0xff;
    CharsetDecoder decoder =
        (little || big ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8)
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT);
    CharBuffer out = CharBuffer.allocate(START_BYTES);
    // Not its end, so that a character may be cut there.
    boolean valid = !decoder.decode(ByteBuffer.wrap(start), out, false).isError();
    String text = out.flip().toString().replaceFirst("^\\ufeff+", "").strip();
    boolean plain =
        text.chars().noneMatch(c -> Character.isISOControl(c) && !Character.isWhitespace(c));
    return valid && plain && !text.isEmpty() ? Optional.of(text) : Optional.empty();
  }

  private static FileKind ofText(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (text.startsWith("version https://") && text.contains("\noid ")) {
      return new FileKind(
          "a Git LFS pointer", "run git lfs pull in its folder, or download the file itself");
    }
    if (lower.startsWith("<!doctype html") || lower.contains("<html")) {
      return new FileKind("an HTML page", AGAIN);
    }
    if (text.startsWith("<")) {
      return new FileKind("an XML text: " + shown(text), AGAIN);
    }
    if (SERVER_ERROR.matcher(text).lookingAt()) {
      return serverError(text);
    }
    if (text.startsWith("{") || text.startsWith("[")) {
      return JSON;
    }
    return new FileKind("the text \"" + shown(text) + '"', "if it is a download, " + AGAIN);
  }

  /** What a server sends instead of a file. */
  static FileKind serverError(String json) {
    return new FileKind("the error of a server: " + shown(json), AGAIN);
  }

  private static String shown(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN) + "...";
  }
}
