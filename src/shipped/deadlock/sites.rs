use rehearsal_machine::{Machine, NodeId};
use rehearsal_protocol::deadlock::{Site, SiteOutput};
use rehearsal_protocol::resource::Participant;
use rehearsal_sim::World;

/// A machine that is a site, or may have one among its parts: both have the same
/// properties.
pub(crate) trait HasSite: Machine + Sized {
    /// The site.
    fn site(&self) -> Option<&Site>;

    /// The output of the site, if this is one.
    fn site_output(output: &Self::Output) -> Option<&SiteOutput>;
}

impl HasSite for Site {
    fn site(&self) -> Option<&Site> {
        Some(self)
    }

    fn site_output(output: &SiteOutput) -> Option<&SiteOutput> {
        Some(output)
    }
}

pub(super) fn site_of<M: HasSite>(world: &World<M>, node: NodeId) -> Option<&Site> {
    world.machine(node).and_then(M::site)
}

pub(super) fn participant<M: HasSite>(world: &World<M>, node: NodeId) -> Option<&Participant> {
    site_of(world, node).map(Site::participant)
}
