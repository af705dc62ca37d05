package dev.orrery.model.session;

import dev.orrery.kernels.tensor.Tensor;

/**
 * A chunk that can be decoded, and what is then left to do.
 *
 * @param decodable what the decoder takes, a latent frame for each entry of the first axis: clean
 *     latents {@code [F, h, w, C]} or token ids {@code [1, y, x]}; valid until the next chunk is
 *     generated
 * @param completion keeps what later chunks need of this one, and leaves {@code decodable} as it
 *     is. Runs once, when the chunk is to be kept: until then the same chunk can be generated again
 */
public record GeneratedChunk(Tensor decodable, Runnable completion) {}
