/**
 * Random numbers that depend on a seed and a position only, not on the machine, the backend or the
 * threads.
 */
package dev.orrery.runtime.random;
