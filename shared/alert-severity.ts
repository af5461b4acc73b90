/** How much an alert matters, least first. */
export const alertSeverities = ['info', 'warning', 'critical'] as const;

export type AlertSeverity = (typeof alertSeverities)[number];
