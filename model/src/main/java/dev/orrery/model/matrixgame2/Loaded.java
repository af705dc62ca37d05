package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;

/**
 * A model that is ready to run.
 *
 * @param config all its settings
 * @param networks its networks, on the backend
 * @param backend where it runs
 */
record Loaded(MatrixGame2Config config, Networks networks, Backend backend) {}
