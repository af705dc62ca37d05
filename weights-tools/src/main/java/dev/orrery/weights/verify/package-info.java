/** Whether checkpoints are what they should be: their tensors, their values, their bytes. */
package dev.orrery.weights.verify;
