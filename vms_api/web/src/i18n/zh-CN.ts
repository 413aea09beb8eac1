import accounts from '@/i18n/zh-CN/accounts'
import alertMap from '@/i18n/zh-CN/alertMap'
import alerts from '@/i18n/zh-CN/alerts'
import audit from '@/i18n/zh-CN/audit'
import cameras from '@/i18n/zh-CN/cameras'
import desk from '@/i18n/zh-CN/desk'
import device from '@/i18n/zh-CN/device'
import diagnosis from '@/i18n/zh-CN/diagnosis'
import discovery from '@/i18n/zh-CN/discovery'
import dispatch from '@/i18n/zh-CN/dispatch'
import duty from '@/i18n/zh-CN/duty'
import health from '@/i18n/zh-CN/health'
import inspection from '@/i18n/zh-CN/inspection'
import ledger from '@/i18n/zh-CN/ledger'
import live from '@/i18n/zh-CN/live'
import notify from '@/i18n/zh-CN/notify'
import network from '@/i18n/zh-CN/network'
import overview from '@/i18n/zh-CN/overview'
import patrol from '@/i18n/zh-CN/patrol'
import patrolPlan from '@/i18n/zh-CN/patrolPlan'
import playback from '@/i18n/zh-CN/playback'
import problems from '@/i18n/zh-CN/problems'
import ptz from '@/i18n/zh-CN/ptz'
import rates from '@/i18n/zh-CN/rates'
import reports from '@/i18n/zh-CN/reports'
import rules from '@/i18n/zh-CN/rules'
import tickets from '@/i18n/zh-CN/tickets'
import wall from '@/i18n/zh-CN/wall'

export default {
  ...accounts,
  ...alertMap,
  ...alerts,
  ...audit,
  ...cameras,
  ...desk,
  ...device,
  ...diagnosis,
  ...discovery,
  ...dispatch,
  ...duty,
  ...health,
  ...inspection,
  ...ledger,
  ...live,
  ...notify,
  ...network,
  ...overview,
  ...patrol,
  ...patrolPlan,
  ...playback,
  ...problems,
  ...ptz,
  ...rates,
  ...reports,
  ...rules,
  ...tickets,
  ...wall,
  brand: '雪亮',
  nav: {
    wall: '视频墙',
    overview: '总览',
    playback: '回放',
    alerts: '预警',
    patrol: '巡查',
    tickets: '维修',
    duty: '值班',
    rates: '考核指标',
    diagnosis: '画面诊断',
    reports: '统计',
    cameras: '摄像机',
    areas: '区域',
    users: '人员权限',
    audit: '审计',
    notify: '通知',
    system: '系统',
    me: '我的账号',
    home: '回到首页',
    logOut: '退出登录',
    more: '更多',
    main: '主导航',
    language: '界面语言',
  },
  act: {
    save: '保存',
    cancel: '取消',
    remove: '删除',
    edit: '编辑',
    more: '加载更多',
    undo: '撤销',
    rename: '改名',
    copy: '复制',
    copied: '已复制',
    noted: '我已记下',
  },
  span: { s: '{s} 秒', ms: '{m} 分 {s} 秒', hm: '{h} 小时 {m} 分', dh: '{d} 天 {h} 小时' },
  notice: {
    feedLost: '与服务器的连接已中断，正在自动重连。此间显示的状态可能不是最新。',
    nodeDown: '媒体节点未运行，系统正在自动重启它。此间没有画面和分析。',
    nodeStarting: '媒体节点正在启动，摄像机将陆续上线。',
    detectorFallback: '目标识别模型不可用，当前只做移动侦测，不能区分人和车。',
    detectorReason: '原因：{reason}',
    details: '查看系统状态',
    gone: '找不到该页面。',
  },
  login: {
    title: '登录',
    username: '用户名',
    password: '密码',
    submit: '登录',
    code: '验证码',
    codeHint: '请输入手机验证器应用中的 6 位验证码。',
    byOidc: '通过{label}登录',
    byLink: '正在用一次性链接登录……',
    forgot: '忘记密码？请在服务器上运行 xueliang user reset。',
  },
  setup: {
    title: '首次设置',
    lead: '创建第一个管理员账号，之后即可添加摄像机。',
    again: '再次输入密码',
    submit: '创建并进入',
    hint: '至少 12 个字符，可以用一句容易记住的话。',
    differ: '两次输入的密码不一致。',
    needLink: '请打开服务器启动时打印的设置链接，其中含有一次性口令。',
    needName: '请输入用户名。',
  },
  day: { d0: '一', d1: '二', d2: '三', d3: '四', d4: '五', d5: '六', d6: '日', label: '星期' },
  system: {
    title: '系统状态',
    version: '版本',
    network: '到媒体节点的网络',
    networkCheck: '实时画面网络自检',
    uptime: '已运行',
    node: '媒体节点',
    nodeState: { up: '运行中', starting: '启动中', down: '未运行' },
    detector: '目标识别',
    runtime: '推理引擎',
    fallback: '备用：移动侦测',
    normal: '正常',
    twin: {
      'twin-taken': '正在使用 8 位量化版：在本机上更快，且已用本地录像核对。',
      'twin-not-quicker': '未使用 8 位量化版：在本机上快不了多少。',
      'twin-inexact': '未使用 8 位量化版：原模型能看到的目标漏得太多。',
      'twin-outdated': '未使用 8 位量化版：模型或处理器已更换，请用 xueliang models quantize 重新生成。',
      'twin-unusable': '未使用 8 位量化版：文件缺失或已损坏。',
    },
    help: '运行 xueliang models pull 获取模型，然后重启服务。',
    cameras: '摄像机',
    feed: '实时连接',
    feedOpen: '已连接',
    feedLost: '已中断',
    loading: '正在读取……',
  },
}
