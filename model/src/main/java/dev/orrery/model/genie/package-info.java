/**
 * What worlds of tokens in the manner of Genie have in common: attention within frames and over
 * time, the keys and values that context frames leave, and the tokens of these frames.
 */
package dev.orrery.model.genie;
