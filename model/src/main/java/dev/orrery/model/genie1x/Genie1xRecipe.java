package dev.orrery.model.genie1x;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * From a repository of 1x-technologies such as GENIE_35M: the transformer with its configuration;
 * and from the repository of their data the tokenizer, of whose training checkpoint only the
 * averaged weights of its generator are taken.
 */
final class Genie1xRecipe implements Recipe {
  @Override
  public List<String> inputs() {
    return List.of("GENIE_DIR", "MAGVIT2_DIR");
  }

  @Override
  public String describeInputs() {
    return "takes the folders of 1x-technologies/GENIE_35M (or GENIE_138M) and of the data set with"
        + " magvit2.ckpt";
  }

  @Override
  public List<Part> parts(List<Path> inputs) {
    Path model = inputs.get(0);
    Path config = model.resolve(Genie1xConfig.FILE);
    Genie1xConfig sizes = Genie1xConfig.read(JsonValue.read(config));
    List<String> names =
        tokenizer(model, sizes).tensors(DType.F32).stream().map(TensorSpec::name).toList();
    return List.of(
        new File(Genie1xConfig.FILE, config),
        Weights.of("model", Recipe.weights(model, "model")),
        new Weights(
            "magvit2",
            inputs.get(1).resolve("magvit2.ckpt"),
            "state_dict",
            new Chosen(names, name -> "model_ema." + name.replace(".", ""))));
  }

  /** The tokenizer of a model's folder. */
  static NetworkWeights<Genie1xNetworks.Magvit2> tokenizer(Path folder, Genie1xConfig config) {
    return NetworkWeights.autoencoder(
        "image tokenizer",
        WeightFiles.of("image tokenizer", folder, "magvit2"),
        p -> new Genie1xNetworks.Magvit2(p, config.magvit2()));
  }
}
