package dev.orrery.cli;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.session.Controls;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.umt5.EncodedPrompt;
import java.nio.file.Path;

/** The model families that the command line knows. */
interface Models {
  /** Loads the model of a folder. The backend must outlive it. */
  WorldModel load(Path folder, Backend backend, Progress progress);

  /** The keys that the model of a folder answers to, without loading it. */
  Controls controls(Path folder);

  /** What the model of a folder would take on a backend, without loading it. */
  MemoryPlan plan(Path folder, PlanningBackend backend);

  /** Encodes a prompt for the model of a folder; its text encoder is in memory only meanwhile. */
  EncodedPrompt encodePrompt(Path folder, String prompt, Backend backend, Progress progress);

  /** Reads the encoded prompt that lies in the folder of a model. */
  EncodedPrompt storedPrompt(Path folder);

  /** Reads a prompt that was encoded for the model of a folder. */
  EncodedPrompt readPrompt(Path folder, Path file);
}
