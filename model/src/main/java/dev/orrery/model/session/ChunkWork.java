package dev.orrery.model.session;

/**
 * Floating-point operations of products of matrices, convolutions and attention that making and
 * decoding a chunk takes, counted by running the model on a {@link
 * dev.orrery.kernels.backend.PlanningBackend}. A multiplication and an addition are two.
 *
 * @param first of the first chunk after as few images as a world may start from
 * @param full of a chunk once the model remembers as much as it ever does
 */
public record ChunkWork(double first, double full) {}
