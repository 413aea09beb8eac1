const zh = {
  alertMap: {
    title: '预警分布',
    show: '在画面上显示预警分布',
    hint: '打开后在画面上标出预警发生的位置，并列出各规则的准确率；同一预警及其重复只研判、计数一次。',
    span: '时间范围',
    days: '最近 {days} 天',
    none: '最近 {days} 天没有预警。',
    count: '预警数',
    precision: '准确率',
    judged: '属实 {yes}，误报 {no}',
    unjudged: '尚未研判',
    newestOnly: '预警很多，这里只统计最新的 20,000 条。',
  },
}

export default zh
