/** Tools around checkpoints: reports on their content, and synthetic ones. */
package dev.orrery.weights;
