"""What docs/explanation/capacity.md and its Chinese twin say around the figures."""

from __future__ import annotations

ENGLISH = """# What a machine can bear

[中文](capacity.zh.md)

Written by `nox -s capacity` from [RESULTS.md](../../bench/RESULTS.md),
[SERVER.md](../../bench/SERVER.md) and [SIZES.md](../../bench/SIZES.md): two cores of a shared machine that
ran the program and the server at once. Everything is linear in what was measured; nothing above
1 M assets and 1 M readings was run. Your machine is another one: run `python -m bench.sizes` there.

| measured | figure |
|---|---|
| one process reads and stores on a file | {poll} readings/s |
| one process stores on a server, latest values kept | {server} readings/s |
| so one worker, as if both never overlapped | {worker} readings/s |
| a reading on a server, with its index | {server_bytes} bytes |
| the server's log for a reading | {wal_bytes} bytes |
| a reading on a file | {file_bytes} bytes |
| integrity of 1 M assets, file and server | {integrity} s and {integrity_server} s |
| import of 1 M assets into a file | {import_} s |

## One machine with a file

| sensors | every | poller busy | readings a year, GB, if none are dropped |
|---|---|---|---|
{files}

Time is never what ends a file; size is. `hydrant db retain --days 400` each night keeps it at
one year and a month, and hours of what went before.

## One database

Assumed: {disk_tb} TB of disk, readings kept for {keep} days before they become hours, the log kept for {log} days
between base backups, everything at most {headroom} % busy. One process at a time was measured storing; what
several at once gain was not, so no gain is counted.

| | sensors | every | readings/s | workers | storing | disk GB/day | log GB/day | first to break |
|---|---|---|---|---|---|---|---|---|
{rows}

A worker here is a process on one core; what it waits for (50-300 ms an answer) costs it nothing, because
gateways are asked at once. A gateway must answer all its units within the interval: at 300 ms and 5
units that is 1.5 s.

## Five million each minute, on paper

{most_rate} readings a second is {times} times what one database was seen to store, {most_disk} GB of
readings and {most_log} GB of log a day. In the order in which things break:

1. **At once: storing the latest values.** The readings alone go in at {staged}/s (staged COPY) and
   {copy}/s (plain COPY); with an update of each sensor's latest row it is {server}/s. Updating it
   once for each cycle of a shard, or in memory, is the first thing to build. Until then:
   {parts} databases, one for every {part_of} hydrants.
2. **Within hours: the disk.** {most_disk} GB a day fill {disk_tb} TB in {fills_days} days. As Parquet a reading is
   {parquet_bytes} bytes, {parquet_day} GB a day: keep a day in the database, the rest as files.
3. **The log**, with archive and standby: {log_mb_s} MB/s, day and night, to two places.
4. **Workers**: {most_workers} cores' worth; they are added without asking anybody, so they never break first.
5. **Integrity** of 5 M assets: about {integrity_most} s for the whole, by linear growth; a county's is as fast as ever.

A hydrant's pressure need not be stored each minute to be watched each minute. A device that sends by itself
when it changes (`hydrant ingest`), and otherwise each quarter of an hour, turns this into the line
above: {quarter_rate} readings/s.
"""

CHINESE = """# 一台机器能承担多少

[English](capacity.md)

本页由 `nox -s capacity` 根据 [RESULTS.md](../../bench/RESULTS.md)、[SERVER.md](../../bench/SERVER.md) 和
[SIZES.md](../../bench/SIZES.md) 写成：一台共用机器的两个核，同时运行程序和服务器。一切按实测线性推算；超过 100 万处
设施、100 万条读数的没有运行过。你的机器不是这一台：请在上面运行 `python -m bench.sizes`。

| 实测 | 数值 |
|---|---|
| 一个进程采集并写入文件 | 每秒 {poll} 条读数 |
| 一个进程写入服务器，并更新最新值 | 每秒 {server} 条读数 |
| 一个工作进程，按采集和写入完全不重叠计 | 每秒 {worker} 条读数 |
| 服务器上的一条读数，连同索引 | {server_bytes} 字节 |
| 每条读数的服务器日志 | {wal_bytes} 字节 |
| 文件中的一条读数 | {file_bytes} 字节 |
| 100 万处设施的两项指标，文件、服务器 | {integrity} 秒、{integrity_server} 秒 |
| 100 万处设施导入文件 | {import_} 秒 |

## 一台机器，一个文件

| 传感器 | 间隔 | 采集占用 | 一年的读数（GB，全部保留时） |
|---|---|---|---|
{files}

限制文件的从来不是时间，而是大小。每夜运行 `hydrant db retain --days 400`，文件就只保留一年零一个月的读数，
更早的按小时汇总。

## 一个数据库

假定：磁盘 {disk_tb} TB，读数保留 {keep} 天后按小时汇总，两次基础备份之间的日志保留 {log} 天，各项占用都不超过
{headroom}%。实测时只有一个进程写入；几个进程同时写入能快多少没有测过，所以不计。

| | 传感器 | 间隔 | 读数/秒 | 工作进程 | 写入占用 | 读数 GB/天 | 日志 GB/天 | 最先不够的 |
|---|---|---|---|---|---|---|---|---|
{rows}

这里的一个工作进程占一个核；等待应答（每次 50–300 毫秒）不占时间，因为各网关是同时采集的。一个网关须在间隔内答完它的
全部站号：每次 300 毫秒、5 个站号，就是 1.5 秒。

## 五百万个，每分钟一次：只是推算

每秒 {most_rate} 条读数，是一个数据库实测写入速度的 {times} 倍；每天读数 {most_disk} GB，日志 {most_log} GB。
依次不够的是：

1. **马上：更新最新值。** 只写读数，每秒可写 {staged} 条（经临时表 COPY）和 {copy} 条（直接 COPY）；同时更新每个
   传感器最新一行的，只有 {server} 条。每组每轮只更新一次，或放在内存里，是首先要做的。在此之前需要 {parts} 个数据库，
   每个管 {part_of} 座消火栓。
2. **几小时内：磁盘。** 每天 {most_disk} GB，{fills_days} 天写满 {disk_tb} TB。存为 Parquet，一条读数 {parquet_bytes}
   字节，每天 {parquet_day} GB：数据库里只留一天，其余存成文件。
3. **日志**，连同归档和备用服务器：每秒 {log_mb_s} MB，日夜不停，写到两个地方。
4. **工作进程**：相当于 {most_workers} 个核；随时可以添加，所以不会最先不够。
5. **两项指标**：500 万处设施全部核算，按线性推算约 {integrity_most} 秒；一个县的和现在一样快。

要每分钟掌握消火栓的压力，不必每分钟都存一条。设备在压力变化时主动上报（`hydrant ingest`），此外每刻钟一次，
就成了上面那一行：每秒 {quarter_rate} 条读数。
"""

#: Names of the scales, of what breaks, and of minutes, as the tables show them.
CHINESE_NAMES = {
    "a county": "一个县",
    "a city": "一个市",
    "a province": "一个省",
    "a province, each 5 minutes": "一个省，每 5 分钟",
    "a province, each minute": "一个省，每分钟",
    "the country's larger part": "全国大部",
    "the same, each minute": "全国大部，每分钟",
    "storing": "写入",
    "disk": "磁盘",
    "log": "日志",
    "holds": "都够",
    "{name} is tight": "{name}偏紧",
    "{name}, {share:.1f} ×": "{name}，需 {share:.1f} 倍",
    "{minutes} min": "{minutes} 分钟",
    " %": "%",
}
