/**
 * What the transformers on the trunk of Wan have in common beyond general layers: attention whose
 * queries and keys are RMS-normalised over all heads, with the names of Wan's own files and of
 * Diffusers.
 */
package dev.orrery.model.wan;
