"""Chinese words for ``docs/explanation/architecture.zh.md``: rooms and figures."""

from __future__ import annotations

#: What each room is for; a room without words here fails the page.
ROOMS = {
    "(top)": "词汇、单位、时间、错误、提示信息、文件大小限制：各室都用。",
    "api": "`import hydrant` 提供给程序的接口；用法见 `docs/how-to/python.md`。",
    "cli": "命令及显示：只有这里输出文字。",
    "exchange": "文件的导入和导出。",
    "geo": "在哪里：坐标系、投影、距离、位置的文字写法。",
    "integrity": "核算规则、依据、状态、两项指标：只做计算。",
    "model": "有什么：有日期的事实，作为数据表和检查过的输入。",
    "report": "从登记的事实到数字；不输出文字。",
    "store": "存储：登记库和读数，及其查询、审计、升级。",
    "store/care": "整个登记库的备份、检查、修复、复制和权限。",
    "store/chain": "封印链：每个事务写入的内容，求哈希后与前一个相连。",
    "store/evidence": "截至某日、按某一时刻所知，各设施有哪些依据。",
    "store/facts": "有日期的事实：设施、检查、缺陷、传感器，以及怎样更正。",
    "store/file": "GeoPackage 中的登记库由什么组成，怎样新建和升级。",
    "store/ground": "其余一切的基础：登记库在哪里，怎样打开，后端能做什么。",
    "store/migrations": "登记库结构的变更，逐个编号；发布以后内容不再改动。",
    "store/opened": "打开的登记库：读取，在事务中写入，随时间变化的行。",
    "store/outside": "其他程序在登记库中改了什么，哪些待定。",
    "store/proofs": "各行和变更记录是否仍与封印一致，哪些不一致。",
    "store/readings": "传感器的读数及告警，旧读数怎样汇总。",
    "store/regions": "随时间变化的行政区划，各单位应建多少。",
    "store/server": "通往 PostgreSQL：连接、方言、错误、锁。",
    "store/server_schema": "服务器上登记库的定义：表、函数、角色、权限。",
    "store/server_tables": "服务器上登记库的新建、打开、检查，及其读数。",
    "store/server_work": "服务器上的登记库，哪些网关由谁采集：任务、工作进程、监听进程。",
    "store/sides": "登记库中要带走的部分：巡检队的外业包，向上一级的上报包。",
    "store/sql": "文件和服务器共用的语句和表定义，只写一次。",
    "store/views": "列表、地图、导出、查找向登记库问什么。",
    "survey": "一次巡检：路线、表单、核对、登记。",
    "telemetry": "从驱动配置到存下的读数。",
}

FIGURES = {
    "modules": "模块",
    "lines": "行",
    "functions": "函数和方法",
    "function_median": "函数的行数，中位数",
    "function_p90": "函数的行数，百分之九十不超过",
    "largest_room": "最大一室的模块数",
    "circles": "循环导入，包括函数内的和只为类型的",
    "asks_store": "服务器各室以外，询问“是文件还是服务器”的地方",
    "commands": "命令",
    "command_median": "命令体的代码行数，中位数",
    "command_p90": "命令体的代码行数，百分之九十不超过",
    "any_in_store": "store/ 中以 `Any` 为类型的地方",
    "described": "描述核算规则、映射、驱动配置的代码行数",
}
HEAD = "| | 0.1.0 | 现在 |"
