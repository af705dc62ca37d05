package dev.orrery.model.session;

/**
 * What a person does during one video frame, in the form that a model takes. Each family has its
 * own kind, made by its {@link ActionSpace}:
 *
 * <pre>{@code
 * Action forward = model.actionSpace().action(ActionInput.held("forward"));
 * Action walkRight = model.actionSpace().controls().action(Set.of("w", "d"));
 * }</pre>
 */
public interface Action {}
