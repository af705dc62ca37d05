package dev.orrery.weights.torch;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.FileKind;
import dev.orrery.weights.torch.PickleReader.UnknownNames;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A PyTorch archive, as {@code torch.save} has written it since PyTorch 1.6, mapped into memory.
 * Opening reads the directory of the zip file and the pickle and checks both completely; the data
 * of tensors are read by the operating system when they are asked for, so that archives may be
 * larger than memory.
 *
 * <p>Source: PyTorch 2.6, {@code torch/serialization.py} and {@code
 * caffe2/serialize/inline_container.cc}.
 */
public final class TorchArchive implements AutoCloseable {
  /** A pickle holds names and shapes: some hundred bytes for each tensor. */
  static final int MAX_PICKLE_BYTES = 64 << 20;

  private static final int MAX_BYTE_ORDER_BYTES = 16;

  /** Bytes that tensors may take beyond {@link #EXPANSION} times those of the file. */
  private static final long EXPANDED_BYTES = 1L << 30;

  /** Several tensors may share a storage, such as tied weights. */
  private static final long EXPANSION = 4;

  private static final String PICKLE = "data.pkl";

  /** What a zip file begins with. */
  private static final long FIRST_ENTRY = 0x04034b50L;

  private final Path path;
  private final Arena arena;
  private final TorchValue tree;
  private final long maxTensorBytes;

  /** The bytes of each storage. */
  private final Map<TorchStorage, MemorySegment> storages;

  private TorchArchive(
      Path path,
      Arena arena,
      long maxTensorBytes,
      TorchValue tree,
      Map<TorchStorage, MemorySegment> storages) {
    this.path = path;
    this.arena = arena;
    this.maxTensorBytes = maxTensorBytes;
    this.tree = tree;
    this.storages = storages;
  }

  /**
   * Maps an archive and checks all of it but the values of the tensors.
   *
   * @throws CheckpointException if the file cannot be read, is no archive of PyTorch, is damaged,
   *     or holds anything else than tensors, dictionaries, lists and plain values
   */
  public static TorchArchive open(Path path) {
    return open(path, "");
  }

  /**
   * Maps an archive for the tensors of one dictionary, which is then the root, and checks all of it
   * but their values. Beside the dictionary there may be objects of any kind, such as those that
   * training frameworks leave: where the archive names a function or a class that is not known,
   * only that name is kept, until the dictionary is found. It is not looked up, and nothing is
   * called.
   *
   * @param key leads to the dictionary, see {@link #tensors(String)}; empty for the whole archive
   * @throws CheckpointException as {@link #open(Path)}, and as {@link #tensors(String)} if there is
   *     a key
   */
  public static TorchArchive open(Path path, String key) {
    Arena arena = Arena.ofShared();
    try {
      return open(path, key, arena, new ZipBytes(path.toString(), map(path, arena)));
    } catch (IOException e) {
      arena.close();
      throw CheckpointException.cannotRead(path, e);
    } catch (CheckpointException e) {
      arena.close();
      throw FileKind.explain(
          path, "a PyTorch archive", List.of(FileKind.TORCH_ARCHIVE, FileKind.ZIP), e);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private static MemorySegment map(Path path, Arena arena) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    if (!Files.isRegularFile(path)) {
      throw new CheckpointException(path.toString(), "expected a file, found a folder or device");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    }
  }

  private static TorchArchive open(Path path, String key, Arena arena, ZipBytes zip) {
    requireZip(zip);
    Map<String, ZipMember> members = ZipDirectory.read(zip);
    String folder = folder(zip, members);
    requireLittleEndian(zip, members.get(folder + "byteorder"));
    ZipMember pickle = members.get(folder + PICKLE);
    String source = zip.file() + ": " + pickle.name();
    PickleReader reader =
        new PickleReader(
            new PickleInput(source, pickle.content(zip, MAX_PICKLE_BYTES)),
            key.isEmpty() ? UnknownNames.REFUSED : UnknownNames.CARRIED);
    TorchValue tree = TorchTree.of(source, reader.read());
    Map<TorchStorage, MemorySegment> storages = new HashMap<>();
    for (TorchStorage storage : reader.storages().values()) {
      storages.put(storage, bytes(zip, storage, members.get(folder + "data/" + storage.key())));
    }
    TorchArchive archive =
        new TorchArchive(path, arena, EXPANDED_BYTES + EXPANSION * zip.size(), tree, storages);
    return key.isEmpty() ? archive : archive.of(key);
  }

  /** The archive of one dictionary alone. */
  private TorchArchive of(String key) {
    // Refuses all but tensors and dictionaries of them, so no placeholder is left.
    tensors(key);
    TorchValue dictionary = KeyPath.find(tree, key).orElseThrow();
    return new TorchArchive(path, arena, maxTensorBytes, dictionary, storages);
  }

  private static void requireZip(ZipBytes zip) {
    if (ZipEnd.isPresent(zip)) {
      return;
    }
    if (zip.size() >= Integer.BYTES && zip.u32(0) == FIRST_ENTRY) {
      throw zip.refused(
          "expected a PyTorch archive, found a zip file that does not end like one without a"
              + " comment; it is cut off: download it again");
    }
    throw zip.refused("expected a PyTorch archive, found a file that does not end like a zip file");
  }

  /** The one folder that everything in the archive lies in, with a slash. */
  private static String folder(ZipBytes zip, Map<String, ZipMember> members) {
    String folder = null;
    for (String name : members.keySet()) {
      String first = name.substring(0, name.indexOf('/') + 1);
      if (first.isEmpty() || folder != null && !folder.equals(first)) {
        throw zip.refused(
            "expected one folder with everything in it, as in a PyTorch archive, found the zip"
                + " entry "
                + PickleItem.shortened(name));
      }
      folder = first;
    }
    if (folder == null || !members.containsKey(folder + PICKLE)) {
      throw zip.refused(
          "expected a PyTorch archive, found a zip file without "
              + PICKLE
              + "; unpack it and use the file inside it");
    }
    return folder;
  }

  private static void requireLittleEndian(ZipBytes zip, ZipMember member) {
    if (member == null) {
      // PyTorch before 2.1 does not say; it was used on little-endian machines.
      return;
    }
    byte[] order = member.content(zip, MAX_BYTE_ORDER_BYTES);
    if (!Arrays.equals(order, new byte[] {'l', 'i', 't', 't', 'l', 'e'})) {
      throw zip.refused(
          "expected the byte order \"little\", found \""
              + new String(order, StandardCharsets.ISO_8859_1)
              + '"');
    }
  }

  private static MemorySegment bytes(ZipBytes zip, TorchStorage storage, ZipMember member) {
    if (member == null) {
      throw zip.refused("storage " + storage.key() + ": expected its data, found none");
    }
    if (member.method() != ZipMember.STORED) {
      throw zip.refused(
          "storage "
              + storage.key()
              + ": expected it uncompressed, as PyTorch writes it, found it"
              + " compressed");
    }
    if (member.size() != storage.byteSize()) {
      throw zip.refused(
          "storage "
              + storage.key()
              + ": expected "
              + storage.byteSize()
              + " bytes, found "
              + member.size());
    }
    return member.stored(zip);
  }

  /** The path it was opened by. */
  public Path path() {
    return path;
  }

  /** All objects of the archive, or of the dictionary that it was opened for. */
  public TorchValue tree() {
    return tree;
  }

  /** The tensors of the root, as {@link #tensors(String)} with an empty key. */
  public Map<String, TorchTensor> tensors() {
    return tensors("");
  }

  /**
   * The tensors of a dictionary, by name, in the order of the archive. Names in dictionaries inside
   * it are joined with a dot.
   *
   * @param key leads from the root to the dictionary: the keys of dictionaries and the indices of
   *     lists on the way, joined with dots. Where keys contain dots themselves, longer ones are
   *     tried first. Empty for the root itself
   * @throws CheckpointException if there is no such dictionary, if it holds anything but tensors
   *     and dictionaries of them, if two of them get the same name, or if views that were expanded
   *     take more than 1 GiB and four times the bytes of the file
   */
  public Map<String, TorchTensor> tensors(String key) {
    return TensorNames.find(path.toString(), tree, maxTensorBytes, key);
  }

  /**
   * Copies elements of a tensor, contiguous, in row-major order and little-endian.
   *
   * @param tensor a tensor of this archive
   * @param position bytes of the tensor before the first one to copy, a multiple of its element
   *     size
   * @param target gets as many bytes as it has room for, a multiple of the element size
   * @throws IllegalArgumentException if the tensor is of another archive, or if it has no such
   *     bytes
   */
  public void read(TorchTensor tensor, long position, MemorySegment target) {
    MemorySegment storage = storages.get(tensor.storage());
    if (storage == null) {
      throw new IllegalArgumentException("expected a tensor of " + path + ", found another");
    }
    int elementBytes = tensor.dtype().byteSize();
    boolean whole = position % elementBytes == 0 && target.byteSize() % elementBytes == 0;
    if (!whole || position < 0 || target.byteSize() > tensor.byteSize() - position) {
      throw new IllegalArgumentException(
          "expected whole elements of "
              + elementBytes
              + " bytes among "
              + tensor.byteSize()
              + ", found "
              + target.byteSize()
              + " bytes at "
              + position);
    }
    new StridedCopy(tensor, storage).copy(position / elementBytes, target);
  }

  /**
   * Lets go of the memory that the data of a tensor's storage take in this process because they
   * were read; reading them again goes back to the file.
   */
  public void release(TorchTensor tensor) {
    MemorySegment storage = storages.get(tensor.storage());
    if (storage != null && storage.byteSize() > 0) {
      storage.unload();
    }
  }

  /** Unmaps the file; its tensors can no longer be read. Closing twice does nothing. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
