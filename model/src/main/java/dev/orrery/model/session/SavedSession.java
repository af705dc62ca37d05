package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.HostBuffer;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.memory.SessionState;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A session in a safetensors file: the tensors of its {@link SessionState}, and in the metadata
 * {@code format} and, as JSON, its {@link SessionDescription} under {@code session}.
 *
 * <p>A file is trusted in nothing: opening it reads no more than its header, which has a limit, and
 * its tensors stay mapped until they are restored.
 */
public final class SavedSession implements AutoCloseable {
  private static final String SUFFIX = ".safetensors";

  /** Of all formats that there will be. */
  private static final String FORMATS = "orrery.session.";

  private static final String FORMAT = FORMATS + "1";
  private static final String DESCRIPTION = "session";

  /** Some hours of a session that remembers every chunk; others take a hundredth. */
  private static final int MAX_HEADER_BYTES = 8 << 20;

  /** Bytes that come from a device at once. */
  private static final int PIECE_BYTES = 4 << 20;

  /** Bytes that writing takes meanwhile, at most. */
  public static final long WRITING_BYTES = PIECE_BYTES + SafetensorsWriter.STAGING_BYTES;

  /** Longest piece of a stranger's text in a message. */
  private static final int MAX_SHOWN = 60;

  private final SafetensorsFile file;
  private final SessionDescription description;

  private SavedSession(SafetensorsFile file, SessionDescription description) {
    this.file = file;
    this.description = description;
  }

  /**
   * Writes a session. The file is complete or not there.
   *
   * @param target a file there is replaced in the end
   * @param session whose state it is
   * @param backend where the session runs
   * @param progress receives the bytes written, in MiB
   * @throws CheckpointException if the file cannot be written
   */
  public static void write(
      Path target,
      SessionDescription description,
      SessionState.Part session,
      Backend backend,
      Progress progress) {
    Map<String, Tensor> tensors = SessionState.of(session).tensors();
    List<TensorSpec> specs = new ArrayList<>();
    tensors.forEach(
        (name, tensor) -> specs.add(new TensorSpec(name, tensor.dtype(), tensor.shape())));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put(DESCRIPTION, description.json());
    long total = specs.stream().mapToLong(TensorSpec::byteSize).sum();
    try (SafetensorsWriter writer = SafetensorsWriter.create(target, specs, metadata)) {
      long done = 0;
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        progress.report("saving the session", mebibytes(done), mebibytes(total));
        write(writer, entry.getKey(), entry.getValue(), backend);
        done += entry.getValue().byteSize();
      }
      writer.finish();
    }
    progress.report("saving the session", mebibytes(total), mebibytes(total));
  }

  /** Never 0, so that a bar has a length. */
  private static int mebibytes(long bytes) {
    return Math.toIntExact(Math.ceilDiv(bytes, 1L << 20));
  }

  private static void write(SafetensorsWriter writer, String name, Tensor tensor, Backend backend) {
    if (tensor.buffer() instanceof HostBuffer) {
      writer.append(name, tensor.segment());
      return;
    }
    Tensor flat = tensor.reshape(tensor.elements());
    int size = tensor.dtype().byteSize();
    MemorySegment piece = MemorySegment.ofArray(new byte[PIECE_BYTES]);
    long atOnce = PIECE_BYTES / size;
    for (long from = 0; from < flat.elements(); from += atOnce) {
      Tensor part = flat.slice(from, Math.min(flat.elements(), from + atOnce));
      MemorySegment bytes = piece.asSlice(0, part.byteSize());
      SessionState.copyToHost(backend, part, Tensor.host(part.dtype(), part.shape(), bytes));
      writer.append(name, bytes);
    }
  }

  /**
   * Whether a file says that it is a saved session, of this or another format.
   *
   * @return false for files of other kinds
   * @throws CheckpointException if it is a damaged safetensors file
   */
  public static boolean isClaimed(Path path) {
    if (!path.toString().endsWith(SUFFIX)) {
      return false;
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      return file.metadata().getOrDefault("format", "").startsWith(FORMATS);
    }
  }

  /**
   * Opens a saved session.
   *
   * @throws CheckpointException if the file cannot be read or is none
   */
  public static SavedSession open(Path path) {
    SafetensorsFile file = SafetensorsFile.open(path, MAX_HEADER_BYTES);
    try {
      String name = path.toString();
      String format = file.metadata().get("format");
      if (!FORMAT.equals(format)) {
        throw new CheckpointException(
            name, "expected a saved session, format " + FORMAT + ", found format " + shown(format));
      }
      String json = file.metadata().get(DESCRIPTION);
      if (json == null) {
        throw new CheckpointException(name, "metadata: expected " + DESCRIPTION + ", but missing");
      }
      return new SavedSession(file, SessionDescription.parse(name, json));
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static String shown(String text) {
    return text == null || text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
  }

  /** What the file says about the session. */
  public SessionDescription description() {
    return description;
  }

  /**
   * Requires a session of a family, as far as the description tells.
   *
   * @param family its id
   * @throws CheckpointException if it is of another one
   */
  public void requireFamily(String family) {
    description.requireFamily(file.path().toString(), family);
  }

  /**
   * Requires a session of a model, as far as what it calls itself tells: before the model is
   * loaded.
   *
   * @param model its {@link ModelIdentity#description}
   * @throws CheckpointException if it is of another one
   */
  public void requireModel(String model) {
    description.requireModel(file.path().toString(), model);
  }

  /**
   * Requires that a model can go on where the session ended, as far as the description tells.
   *
   * @param backend where the model runs; results that another machine would round otherwise are
   *     worth a warning, which is logged
   * @throws CheckpointException saying what is different
   */
  public void requireGoesOn(ModelIdentity model, Backend backend) {
    description.requireGoesOn(file.path().toString(), model, backend.computeTypes());
    String machine = description.host().machine();
    if (!machine.equals(backend.machine())) {
      System.getLogger(SavedSession.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "{0}: saved on another machine ({1}, not {2}): bytes may differ from here on",
              file.path(),
              machine,
              backend.machine());
    }
  }

  /**
   * Brings a session to the saved state. When it fails, the session is in no state to go on.
   *
   * @param backend where the session runs
   * @throws CheckpointException if the state is of no session of this kind
   */
  public void restore(Backend backend, SessionState.Part session) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    file.tensors().keySet().forEach(name -> tensors.put(name, file.tensor(name)));
    try {
      SessionState.stored(tensors).restore(backend, session);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file.path().toString(), e.getMessage(), e);
    }
  }

  /**
   * Brings a session without memory to the saved state and has it make its next chunk, by the very
   * code that will do so with memory. What that code does not accept is thus refused before any
   * memory is taken.
   *
   * @param session one on a plan of the backend, which has played a chunk
   * @param idle any action
   * @throws CheckpointException saying what is wrong with the state
   */
  public void rehearse(ChunkSession<?> session, PlanningBackend backend, Action idle) {
    restore(backend, session);
    require("chunk", description.chunk(), session.chunk());
    require("frames", session.framesMade(), description.frames());
    int frames = session.nextFrames();
    int made;
    try {
      made = session.step(idle).count();
    } catch (RuntimeException e) {
      throw new CheckpointException(
          file.path().toString(), "no session goes on from here: " + e.getMessage(), e);
    }
    require("frames of the next chunk", frames, made);
  }

  private void require(String what, long expected, long found) {
    if (expected != found) {
      throw new CheckpointException(
          file.path().toString(), what + ": expected " + expected + ", found " + found);
    }
  }

  /** Closes the file. */
  @Override
  public void close() {
    file.close();
  }
}
