# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A real Slurm for tests, on this machine alone: munged, slurmctld and slurmd with a
# configuration of their own in a temporary folder. Sourced; then
#   slurm_start || { skip "$slurm_missing"; finish; exit; }
# leaves SLURM_CONF exported, so that sbatch, squeue and scontrol speak to it, and
#   slurm_stop
# ends the three daemons, by their process ids, and removes the folder. Call it in the
# test's own trap too. Nothing of a Slurm that may be installed is touched.
#   slurm_cpus (default 2)  processors that jobs are given; may be more than there are
# Partitions: "main" (the default), whose jobs are requeued, 20 seconds after a SIGTERM,
# where a job in "urgent" needs their processors.
slurm_missing=""
slurm_folder=""

slurm_lacks()
{
    for slurm_program in munged slurmctld slurmd sbatch squeue scontrol sinfo; do
        PATH=$PATH:/usr/sbin:/sbin command -v $slurm_program >/dev/null || {
            echo "Slurm's $slurm_program is not installed"
            return 0
        }
    done
    [ "$(id -u)" = 0 ] || {
        echo "starting Slurm for a test needs root"
        return 0
    }
    return 1
}

# A port nobody listens on, from a number on.
slurm_port()
{
    slurm_candidate=$1
    while grep -qi ":$(printf %04X "$slurm_candidate") " /proc/net/tcp /proc/net/tcp6 2>/dev/null; do
        slurm_candidate=$((slurm_candidate + 1))
    done
    echo "$slurm_candidate"
}

slurm_configure()
{
    slurm_host=$(hostname -s)
    slurm_first=$(slurm_port $((20000 + $$ % 20000)))
    slurm_second=$(slurm_port $((slurm_first + 1)))
    cat >"$slurm_folder/slurm.conf" <<TEXT
ClusterName=leadseq
SlurmctldHost=$slurm_host(127.0.0.1)
SlurmctldPort=$slurm_first
SlurmdPort=$slurm_second
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$slurm_folder/munge.socket,cred_expire=5
StateSaveLocation=$slurm_folder/state
SlurmdSpoolDir=$slurm_folder/spool
SlurmctldPidFile=$slurm_folder/slurmctld.pid
SlurmdPidFile=$slurm_folder/slurmd.pid
SlurmctldLogFile=$slurm_folder/slurmctld.log
SlurmdLogFile=$slurm_folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=bf_interval=1,sched_interval=2,sched_min_interval=100000
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
ReturnToService=2
KillWait=20
MinJobAge=600
SlurmdParameters=config_overrides
NodeName=$slurm_host NodeAddr=127.0.0.1 CPUs=${slurm_cpus:-2} State=UNKNOWN
PartitionName=main Nodes=$slurm_host Default=YES MaxTime=60 State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=20
PartitionName=urgent Nodes=$slurm_host MaxTime=60 State=UP PriorityTier=10 PreemptMode=OFF
TEXT
    printf 'CgroupPlugin=cgroup/v1\n' >"$slurm_folder/cgroup.conf"
}

# slurm_daemon NAME COMMAND...: in the background, its process id kept.
slurm_daemon()
{
    slurm_name=$1
    shift
    (PATH=$PATH:/usr/sbin:/sbin exec "$@") >"$slurm_folder/$slurm_name.out" 2>&1 </dev/null &
    echo $! >"$slurm_folder/$slurm_name.process"
}

slurm_is_idle()
{
    sinfo -h -o %t 2>/dev/null | grep -q idle
}

# Starts it and waits until it takes jobs; fails with the reason in $slurm_missing.
slurm_start()
{
    ! slurm_missing=$(slurm_lacks) || return 1
    slurm_folder=$(mktemp -d /tmp/leadseq-slurm-XXXXXX) || return 1
    chmod 755 "$slurm_folder"
    mkdir "$slurm_folder/state" "$slurm_folder/spool"
    slurm_configure
    export SLURM_CONF="$slurm_folder/slurm.conf"
    (umask 077 && head -c 1024 /dev/urandom >"$slurm_folder/munge.key")
    slurm_daemon munged munged --foreground --force --key-file="$slurm_folder/munge.key" \
        --socket="$slurm_folder/munge.socket" --pid-file="$slurm_folder/munged.pid" \
        --seed-file="$slurm_folder/munge.seed" --log-file="$slurm_folder/munged.log"
    for slurm_try in $(seq 50); do
        [ ! -S "$slurm_folder/munge.socket" ] || break
        sleep 0.1
    done
    slurm_daemon slurmctld slurmctld -D -f "$SLURM_CONF"
    slurm_daemon slurmd slurmd -D -f "$SLURM_CONF" -N "$slurm_host"
    for slurm_try in $(seq 300); do
        ! slurm_is_idle || return 0
        sleep 0.1
    done
    slurm_missing="Slurm does not start here: $(grep -hiE 'fatal|error' "$slurm_folder"/*.log \
        "$slurm_folder"/*.out 2>/dev/null | head -n 1)"
    slurm_stop
    return 1
}

slurm_stop()
{
    [ -n "$slurm_folder" ] || return 0
    scancel --full --state=RUNNING -u "$(id -un)" 2>/dev/null
    scancel -u "$(id -un)" 2>/dev/null
    for slurm_name in slurmd slurmctld munged; do
        [ -f "$slurm_folder/$slurm_name.process" ] || continue
        read -r slurm_id <"$slurm_folder/$slurm_name.process"
        kill "$slurm_id" 2>/dev/null
        for slurm_try in $(seq 50); do
            kill -0 "$slurm_id" 2>/dev/null || break
            sleep 0.1
        done
        ! kill -0 "$slurm_id" 2>/dev/null || kill -9 "$slurm_id" 2>/dev/null
        wait "$slurm_id" 2>/dev/null
    done
    rm -rf "$slurm_folder"
    slurm_folder=""
    unset SLURM_CONF
}
