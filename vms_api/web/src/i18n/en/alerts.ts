import type zh from '@/i18n/zh-CN/alerts'

const en: typeof zh = {
  severity: { low: 'Low', medium: 'Medium', high: 'High' },
  severityLevel: { low: 'Low alert', medium: 'Medium alert', high: 'High alert' },
  alerts: {
    title: 'Alerts',
    none: 'No alerts',
    noneHint: 'When a rule fires, its alert appears here at once, with its picture.',
    noneNew: 'Nothing waits to be acknowledged',
    setUp: 'Set up rules',
    all: 'All',
    new: 'New',
    acknowledged: 'Acknowledged',
    filterState: 'Filter by state',
    filterCamera: 'All cameras',
    acknowledge: 'Acknowledge',
    acknowledgedBy: 'Acknowledged by {who}',
    evidence: 'Evidence: {label}, {camera}',
    noEvidence: 'No evidence picture',
    camera: 'Camera',
    rule: 'Rule',
    label: 'Object',
    score: 'score {percent}',
    raised: 'Raised',
    took: 'here within {seconds} s',
    instructions: 'Instructions',
    noInstructions: 'This rule has no instructions.',
    keys: 'J / K to move, A to acknowledge',
    lit: '{severity}: {label}',
    unseen: '{count} new',
    openDesk: 'Open the alerts page',
    notYours: 'You may see it, but not acknowledge it.',
  },
  sound: { on: 'Sound on', off: 'Sound off', blocked: 'Click to allow sound' },
}

export default en
