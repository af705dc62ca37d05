package dev.orrery.model.session;

/**
 * What a person does during one video frame. Each family has its own kind, made by its {@link
 * Controls}.
 */
public interface Action {}
