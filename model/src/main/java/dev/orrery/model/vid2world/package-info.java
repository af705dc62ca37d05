/**
 * Vid2World: a video diffusion U-Net that was made causal, with an action for every frame, and
 * makes one frame after the other.
 */
package dev.orrery.model.vid2world;
