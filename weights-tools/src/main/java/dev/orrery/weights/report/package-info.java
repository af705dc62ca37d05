/** Reports on what checkpoints contain and on the memory that a model takes. */
package dev.orrery.weights.report;
