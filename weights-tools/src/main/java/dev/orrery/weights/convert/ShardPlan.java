package dev.orrery.weights.convert;

import dev.orrery.runtime.checkpoint.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Which tensor goes into which file. Tensors keep their order; a file is full when the next tensor
 * would make its data larger than the limit, so only a tensor that is larger itself exceeds it.
 *
 * @param stem the name of the checkpoint without its ending
 * @param shards the tensors of each file, at least one file
 */
record ShardPlan(String stem, List<List<TensorSpec>> shards) {
  static final String FILE_ENDING = ".safetensors";

  static ShardPlan of(String stem, List<TensorSpec> tensors, long limit) {
    List<List<TensorSpec>> shards = new ArrayList<>();
    List<TensorSpec> shard = new ArrayList<>();
    long bytes = 0;
    for (TensorSpec tensor : tensors) {
      if (!shard.isEmpty() && tensor.byteSize() > limit - bytes) {
        shards.add(shard);
        shard = new ArrayList<>();
        bytes = 0;
      }
      shard.add(tensor);
      bytes += tensor.byteSize();
    }
    shards.add(shard);
    return new ShardPlan(stem, shards);
  }

  /** Whether one file holds everything, so that no index is needed. */
  boolean isWhole() {
    return shards.size() == 1;
  }

  /** The name of a file, the first being 0. */
  String name(int shard) {
    return isWhole()
        ? stem + FILE_ENDING
        : String.format(
            Locale.ROOT, "%s-%05d-of-%05d%s", stem, shard + 1, shards.size(), FILE_ENDING);
  }

  /** The name of the index. */
  String indexName() {
    return stem + FILE_ENDING + ".index.json";
  }

  /** All files in a folder, the index last. */
  List<Path> files(Path folder) {
    List<Path> files = new ArrayList<>();
    for (int shard = 0; shard < shards.size(); shard++) {
      files.add(folder.resolve(name(shard)));
    }
    if (!isWhole()) {
      files.add(folder.resolve(indexName()));
    }
    return files;
  }
}
